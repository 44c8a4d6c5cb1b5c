import type { Usage } from '@tintype/protocol'
import { useEffect, useRef, useState } from 'react'
import { library } from './api.ts'
import { useRetry } from './useRetry.ts'

/** Milliseconds in which many photos may come or go: what is used is asked for once. */
const pause = 500

/**
 * What the owner uses and may use, and for how long the server keeps what is deleted. Asked for when the page opens, and after
 * the number of photos has changed.
 *
 * @param photos how many there are; null: not known, or a search or an album is shown
 * @returns undefined until it is known, null where it can't be had
 */
export function useUsage(isOpen: boolean, photos: number | null): Usage | null | undefined {
  const [usage, setUsage] = useState<Usage | null>()
  const [isFailed, setFailed] = useState(false)
  const counted = useRef<number | null>(null)

  const [ask] = useState(
    () => () =>
      library.usage().then(
        (found) => {
          setUsage(found)
          setFailed(false)
        },
        // A page without it is better than one with an error about it.
        () => {
          setUsage((before) => before ?? null)
          setFailed(true)
        },
      ),
  )
  useEffect(() => {
    if (isOpen) void ask()
  }, [isOpen, ask])
  useEffect(() => {
    if (photos === null) return
    counted.current ??= photos
    if (counted.current === photos) return
    const timer = setTimeout(() => {
      counted.current = photos
      void ask()
    }, pause)
    return () => clearTimeout(timer)
  }, [photos, ask])
  useRetry(isFailed, () => void ask())
  return usage
}
