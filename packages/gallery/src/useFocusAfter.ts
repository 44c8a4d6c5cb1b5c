import { type RefObject, useCallback, useLayoutEffect, useRef } from 'react'
import { isFocusLost } from './focus.ts'
import type { Outline } from './photos/outline.ts'

/**
 * Puts the focus on a photo where what had it is gone: a photo that was deleted, or the button that did it.
 *
 * @param reveal shows a photo and puts the focus on it; false where it isn't there
 * @param fallback gets it where there are no photos
 * @param changes what is in the page whenever it changes
 * @returns to be called before the change, with the id of the photo, or the place where one stands afterwards
 */
export function useFocusAfter(
  outline: Outline,
  reveal: RefObject<((id: string) => boolean) | null>,
  fallback: RefObject<HTMLElement | null>,
  changes: unknown,
): (next: string | number) => void {
  const next = useRef<string | number | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever something may have gone
  useLayoutEffect(() => {
    const { current } = next
    if (current === null) return
    const isLost = isFocusLost()
    const at = typeof current === 'string' ? outline.indexOf(current) : Math.min(current, outline.count - 1)
    const id = outline.mediaAt(at)?.id
    // What was restored may still be on its way.
    if (isLost && id === undefined && outline.count > 0) return
    next.current = null
    if (!isLost) return
    if (id === undefined) fallback.current?.focus()
    else reveal.current?.(id)
  }, [outline, changes])
  return useCallback((wanted) => {
    next.current = wanted
  }, [])
}
