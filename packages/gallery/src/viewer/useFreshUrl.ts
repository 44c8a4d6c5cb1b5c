import { useRef, useState } from 'react'

/**
 * Signed URLs expire. When a picture or video fails to load, its media is fetched again, once until it has
 * loaded; `broken` says that this did not help for the present URL.
 */
export function useFreshUrl(id: string, url: string | undefined, refresh: (id: string) => Promise<void>) {
  const refreshed = useRef(false)
  const [brokenUrl, setBrokenUrl] = useState<string | null>(null)
  return {
    broken: url !== undefined && brokenUrl === url,
    onLoad: () => {
      refreshed.current = false
    },
    onError: () => {
      if (url === undefined) return
      // Shown again when the refreshed media brings another URL.
      setBrokenUrl(url)
      if (refreshed.current) return
      refreshed.current = true
      refresh(id).catch(() => {})
    },
  }
}
