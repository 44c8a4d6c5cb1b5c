import { useEffect, useRef } from 'react'

/** Milliseconds. */
const every = 15_000

/** Tries again every 15 seconds, and at once when there is a connection again, for as long as something has failed. */
export function useRetry(isFailed: boolean, retry: () => void): void {
  const latest = useRef(retry)
  latest.current = retry
  useEffect(() => {
    if (!isFailed) return
    const again = () => latest.current()
    const timer = setInterval(again, every)
    window.addEventListener('online', again)
    return () => {
      clearInterval(timer)
      window.removeEventListener('online', again)
    }
  }, [isFailed])
}
