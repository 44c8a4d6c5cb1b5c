import { useEffect, useRef } from 'react'

export interface MoreProps {
  /** Changes with every page; undefined before the first. */
  cursor: string | undefined
  loading: boolean
  error: string | null
  onMore: () => void
}

/** Loads the next page when it is scrolled near the window, or pressed. */
export function More({ cursor, loading, error, onMore }: MoreProps) {
  const end = useRef<HTMLDivElement>(null)
  const idle = !loading && error === null && cursor !== undefined

  useEffect(() => {
    if (!end.current || !idle) return
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) onMore()
      },
      { rootMargin: '800px' },
    )
    observer.observe(end.current)
    return () => observer.disconnect()
  }, [idle, onMore])

  return (
    <div className="more" ref={end}>
      {error !== null && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
      <button type="button" className="button" aria-disabled={loading} onClick={onMore}>
        {loading ? 'Loading…' : error === null ? 'More' : 'Try again'}
      </button>
    </div>
  )
}
