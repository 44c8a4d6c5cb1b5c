import { useCallback, useEffect, useState } from 'react'
import { getSession, type Session, signInEvents, signOut as signOutAt } from './api.ts'

export interface SessionGate {
  state: 'checking' | 'unreachable' | 'signed-out' | 'open'
  /** Whether there is a session that can be ended. */
  canSignOut: boolean
  check(): void
  signOut(): Promise<void>
  /** The server answered 401. */
  require(): void
}

/** Whether this browser may use the server; asks at the start and listens to every 401 afterwards. */
export function useSession(): SessionGate {
  const [session, setSession] = useState<Session | 'checking' | 'unreachable'>('checking')

  const check = useCallback(() => {
    setSession('checking')
    getSession().then(setSession, () => setSession('unreachable'))
  }, [])
  const require = useCallback(() => setSession({ required: true, signedIn: false }), [])
  useEffect(check, [check])
  useEffect(() => {
    signInEvents.addEventListener('required', require)
    return () => signInEvents.removeEventListener('required', require)
  }, [require])
  const isOpen = typeof session === 'object' && (session.signedIn || !session.required)
  const isSignedOut = typeof session === 'object' && !isOpen
  useEffect(() => {
    if (isOpen) signInEvents.dispatchEvent(new Event('done'))
  }, [isOpen])
  useEffect(() => {
    if (!isSignedOut) return
    // Somebody may have signed in in another tab: the cookie is the same.
    const look = () =>
      getSession().then(
        (now) => now.signedIn && setSession(now),
        () => {},
      )
    window.addEventListener('focus', look)
    return () => window.removeEventListener('focus', look)
  }, [isSignedOut])
  useEffect(() => {
    if (session !== 'unreachable') return
    window.addEventListener('online', check)
    return () => window.removeEventListener('online', check)
  }, [session, check])

  return {
    state: typeof session === 'string' ? session : isOpen ? 'open' : 'signed-out',
    canSignOut: typeof session === 'object' && session.required && session.signedIn,
    check,
    require,
    async signOut() {
      await signOutAt()
      require()
    },
  }
}
