import { type SharedAlbum, sharedRoutes } from '@tintype/protocol'
import { useCallback, useEffect, useRef, useState } from 'react'
import { ApiError, endpoint, json, signInEvents } from '../api.ts'

/** What the link leads to. */
export type Shared =
  | { state: 'loading' }
  | { state: 'unreachable'; message: string }
  /** `ended`: it has expired, or was ended, or there is no such album any more. `closed`: the link has to be opened again. */
  | { state: 'ended' }
  | { state: 'closed' }
  | { state: 'open'; album: SharedAlbum }

/** Of what is shown while it is open. */
export interface GuestPageProps {
  album: SharedAlbum
  /** Asks for the album anew. */
  check: () => void
}

/** Milliseconds. */
const interval = 20_000

/** Asks for the album at the start, and then again and again: a link may be narrowed, or ended, while it is open. */
export function useSharedAlbum(): { shared: Shared; check: () => void } {
  const [shared, setShared] = useState<Shared>({ state: 'loading' })
  const check = useCallback(() => {
    json<SharedAlbum>(endpoint + sharedRoutes.album).then(
      (album) => setShared({ state: 'open', album }),
      (error: Error) => setShared((before) => trouble(error, before)),
    )
  }, [])

  const hasEnded = shared.state === 'ended'
  useEffect(() => {
    // It does not come back.
    if (hasEnded) return
    check()
    const look = () => {
      if (!document.hidden) check()
    }
    const timer = setInterval(look, interval)
    // Another request was told that there is no session.
    signInEvents.addEventListener('required', check)
    for (const event of ['focus', 'online']) window.addEventListener(event, look)
    return () => {
      clearInterval(timer)
      signInEvents.removeEventListener('required', check)
      for (const event of ['focus', 'online']) window.removeEventListener(event, look)
    }
  }, [check, hasEnded])

  // It ends while one looks at it.
  const expiresAt = shared.state === 'open' ? shared.album.expiresAt : null
  const checkNow = useRef(check)
  checkNow.current = check
  useEffect(() => {
    const left = expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt) - Date.now()
    // Longer ones don't fit into a timer.
    if (left > 86_400_000) return
    const timer = setTimeout(() => checkNow.current(), Math.max(0, left) + 500)
    return () => clearTimeout(timer)
  }, [expiresAt])
  return { shared, check }
}

function trouble(error: Error, before: Shared): Shared {
  // A proxy before a server that is not there says 404, too.
  const code = error instanceof ApiError ? error.code : undefined
  if (code === 'gone' || code === 'not_found') return { state: 'ended' }
  if (code === 'unauthenticated') return { state: 'closed' }
  // What one sees stays through a lost connection.
  return before.state === 'open' ? before : { state: 'unreachable', message: error.message }
}
