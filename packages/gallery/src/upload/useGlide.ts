import { type RefObject, useLayoutEffect, useRef } from 'react'

/**
 * Rows glide to their new places when one above them is gone: they would jump from under the eye and the finger. Not where one
 * has scrolled, where browsers keep what is seen in its place.
 *
 * @param ids changes when rows come and go
 */
export function useGlide(list: RefObject<HTMLElement | null>, ids: string): void {
  const before = useRef(new Map<Element, number>())
  // biome-ignore lint/correctness/useExhaustiveDependencies: progress moves no row, and to measure them takes time
  useLayoutEffect(() => {
    const now = new Map<Element, number>()
    const isStill =
      !list.current || list.current.scrollTop > 0 || matchMedia('(prefers-reduced-motion)').matches
    const rows = [...(list.current?.children ?? [])] as HTMLElement[]
    const begin = list.current ? list.current.getBoundingClientRect().top - list.current.offsetTop : 0
    for (const row of rows) {
      const top = begin + row.offsetTop
      const moved = (before.current.get(row) ?? top) - top
      now.set(row, top)
      if (moved === 0 || isStill) continue
      // Added to one that is not over yet.
      row.animate({ transform: [`translateY(${moved}px)`, 'none'] }, { ...gliding, composite: 'add' })
    }
    before.current = now
  }, [list, ids])
}

const gliding = { duration: 250, easing: 'ease-out' }
