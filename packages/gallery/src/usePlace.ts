import { useLayoutEffect } from 'react'
import { keepPlace, placeOf } from './places.ts'

/**
 * Begins where one was at this visit of a list that is short enough to be in the page as a whole.
 *
 * @param isReady whether what it shows is there
 */
export function usePlace(visit: string, isReady: boolean): void {
  useLayoutEffect(() => {
    if (!isReady) return
    const place = placeOf(visit)
    window.scrollTo({ top: place && 'top' in place ? place.top : 0, behavior: 'instant' })
    const keep = () => keepPlace(visit, { top: window.scrollY })
    window.addEventListener('scroll', keep, { passive: true })
    return () => window.removeEventListener('scroll', keep)
  }, [visit, isReady])
}
