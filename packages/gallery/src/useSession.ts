import { useCallback, useEffect, useRef, useState } from 'react'
import {
  type Box,
  getSession,
  otherTabs,
  type Session,
  type SignInWay,
  type SignOutScope,
  signInEvents,
  signOut as signOutAt,
} from './api.ts'
import { isFor } from './person.ts'

/** By what one can sign in. */
interface Offered {
  ways: readonly SignInWay[]
  hasPasskeys: boolean
}

export interface SessionGate extends Offered {
  /** `ended`: it was open, and the server does not accept it any more. */
  state: 'checking' | 'unreachable' | 'signed-out' | 'ended' | 'open'
  /** Whether there is a session that can be ended. */
  canSignOut: boolean
  /** Of the person who has signed in; null with the token alone. */
  name: string | null
  hasAlbums: boolean
  /** The box of the server's variant `view`; undefined: the usual one. */
  view: Box | undefined
  check(): void
  signOut(scope?: SignOutScope): Promise<void>
}

/** Whether this browser is signed in: asks at the start, and follows every 401 afterwards. */
export function useSession(): SessionGate {
  const [session, setSession] = useState<Session | 'checking' | 'unreachable' | 'ended'>('checking')
  const [offered, setOffered] = useState<Offered>({ ways: ['token'], hasPasskeys: false })

  const asked = useRef(0)
  // Answers to what was asked before this one are out of date.
  const current = useRef(0)
  const ask = useCallback((onAnswer?: (now: Session) => void, onFailure = () => {}) => {
    const nth = ++asked.current
    getSession().then(
      (now) => {
        if (nth < current.current) return
        if (now.ways) setOffered({ ways: now.ways, hasPasskeys: now.passkeys === true })
        if (!onAnswer) return
        current.current = nth
        onAnswer(now)
      },
      () => nth >= current.current && onFailure(),
    )
  }, [])
  const check = useCallback(() => {
    setSession('checking')
    current.current = asked.current + 1
    ask(setSession, () => setSession('unreachable'))
  }, [ask])
  useEffect(check, [check])
  useEffect(() => {
    const onRequired = () =>
      setSession((now) => {
        // It is being asked, or will be: this may be the late answer to a request of before the sign-in.
        if (now === 'checking' || now === 'unreachable') return now
        return now === 'ended' || opens(now) ? 'ended' : signedOut
      })
    signInEvents.addEventListener('required', onRequired)
    return () => signInEvents.removeEventListener('required', onRequired)
  }, [])
  useEffect(() => {
    const onMessage = () =>
      ask((now) => {
        setSession(now)
        // Uploads here wait, too: the next to sign in may be somebody else.
        if (!opens(now)) signInEvents.dispatchEvent(new Event('required'))
      })
    otherTabs?.addEventListener('message', onMessage)
    return () => otherTabs?.removeEventListener('message', onMessage)
  }, [ask])
  const isOpen = opens(session)
  const name = (typeof session === 'object' && session.name) || null
  const isSignedOut = session === 'ended' || (typeof session === 'object' && !isOpen)
  useEffect(() => {
    if (opens(session) && isFor(name ?? '')) signInEvents.dispatchEvent(new Event('done'))
    // With each answer: it may have ended and begun again since this was drawn.
  }, [session, name])
  useEffect(() => {
    if (!isSignedOut) return
    // The user may have signed in in another tab, with the same cookie.
    const look = () => ask((now) => opens(now) && setSession(now))
    window.addEventListener('focus', look)
    return () => window.removeEventListener('focus', look)
  }, [isSignedOut, ask])
  useEffect(() => {
    // By what one can sign in was asked when the page was opened.
    if (session === 'ended' || session === signedOut) ask()
  }, [session, ask])
  useEffect(() => {
    if (session !== 'unreachable') return
    window.addEventListener('online', check)
    return () => window.removeEventListener('online', check)
  }, [session, check])

  return {
    state: typeof session === 'string' ? session : isOpen ? 'open' : 'signed-out',
    canSignOut: typeof session === 'object' && session.required && session.signedIn,
    name,
    // Before it is known, most have: what is drawn below moves less.
    hasAlbums: typeof session === 'string' || session.albums === true,
    view: typeof session === 'object' ? session.view : undefined,
    ...offered,
    check,
    async signOut(scope = 'here') {
      await signOutAt(scope)
      current.current = asked.current + 1
      setSession(signedOut)
      // What waits for the network would go to whoever signs in next.
      signInEvents.dispatchEvent(new Event('required'))
    },
  }
}

const signedOut: Session = { required: true, signedIn: false }

const opens = (session: Session | string) =>
  typeof session === 'object' && (session.signedIn || !session.required)
