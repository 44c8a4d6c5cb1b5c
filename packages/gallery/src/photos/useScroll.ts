import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react'
import { type Anchor, keepPlace, type Place, placeOf } from '../places.ts'
import { type Layout, rowAt, rowOf, titleHeight } from './layout.ts'
import type { Outline } from './outline.ts'

/** Pixels that are drawn beyond the window. */
const beyond = 700
/** So near to the top, what is new comes into view. */
const atTop = 40

/**
 * Which rows are in view. They stay where they are on the screen, whatever changes above.
 *
 * @param isWhole whether the outline has all photos, or the first alone
 * @param visit whose place is kept: it begins where it was left
 */
export function useScroll(
  box: RefObject<HTMLElement | null>,
  outline: Outline,
  layout: Layout,
  isWhole: boolean,
  visit: string,
) {
  const [range, setRange] = useState<readonly [first: number, end: number]>([0, 0])
  const [isTop, setTop] = useState(false)
  const [start] = useState(() => anchorIn(placeOf(visit)))
  const anchor = useRef(start)
  /** Until it is known where it begins. */
  const isWaiting = useRef(start !== null)
  /** What is to be seen then. */
  const wanted = useRef<number | null>(null)
  const now = useRef({ outline, layout })

  const topOf = useCallback(() => (box.current?.getBoundingClientRect().top ?? 0) + window.scrollY, [box])

  const look = useCallback(() => {
    const { outline, layout } = now.current
    setTop(window.scrollY <= atTop)
    const y = window.scrollY - topOf()
    const first = rowAt(layout, y - beyond)
    const end = Math.min(layout.rows.length, rowAt(layout, y + window.innerHeight + beyond) + 1)
    setRange((before) => (before[0] === first && before[1] === end ? before : [first, end]))
    const top = rowAt(layout, y + 60)
    const row = layout.rows[top]
    const [segment] = row?.segments ?? []
    if (!row || !segment) return
    const start = outline.days.find(({ date }) => date === segment.date)?.start ?? segment.first
    // A phone whose bars move resizes the page, before there is anything to scroll.
    if (isWaiting.current && window.scrollY <= atTop) return
    anchor.current =
      window.scrollY <= atTop
        ? null
        : {
            id: outline.mediaAt(segment.first)?.id ?? null,
            date: segment.date,
            ordinal: segment.first - start,
            offset: y - row.top,
          }
    keepPlace(visit, anchor.current)
  }, [topOf, visit])

  // Another list was shown here, further down.
  useLayoutEffect(() => window.scrollTo({ top: 0, behavior: 'instant' }), [])

  /** Scrolls so far that this photo can be seen whole; not at all where it can be. */
  const reveal = useCallback(
    (index: number) => {
      const { layout } = now.current
      const row = layout.rows[rowOf(layout, index)]
      wanted.current = isWaiting.current ? index : null
      if (!row || isWaiting.current) return
      const header = document.querySelector('.header')?.getBoundingClientRect().height ?? 0
      const top = topOf() + row.top - header
      const title = row.segments.some(({ hasTitle }) => hasTitle) ? titleHeight : 0
      const bottom = topOf() + row.top + row.height - window.innerHeight
      if (window.scrollY > top + title) window.scrollTo({ top, behavior: 'instant' })
      else if (window.scrollY < bottom) window.scrollTo({ top: bottom + 8, behavior: 'instant' })
      look()
    },
    [look, topOf],
  )

  useLayoutEffect(() => {
    now.current = { outline, layout }
    const { current: held } = anchor
    const index = held ? indexOfAnchor(outline, held, isWhole) : -1
    if (held && index < 0 && !isWhole) {
      // It is further down than what is known yet.
      setRange([0, Math.min(layout.rows.length, 12)])
      return
    }
    if (isWhole && layout.width > 0) isWaiting.current = false
    const row = index < 0 ? undefined : layout.rows[rowOf(layout, index)]
    if (held && row && layout.width > 0) {
      const y = topOf() + row.top + held.offset
      if (!isWhole && y + window.innerHeight > document.documentElement.scrollHeight) {
        // The page is too short for it yet.
        setRange([0, Math.min(layout.rows.length, 12)])
        return
      }
      if (Math.abs(window.scrollY - y) > 1) window.scrollTo({ top: y, behavior: 'instant' })
    }
    look()
    if (wanted.current !== null) reveal(wanted.current)
  }, [outline, layout, isWhole, look, reveal, topOf])

  useLayoutEffect(() => {
    let frame = 0
    const onScroll = () => {
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(look)
    }
    window.addEventListener('scroll', onScroll, { passive: true })
    window.addEventListener('resize', onScroll)
    return () => {
      cancelAnimationFrame(frame)
      window.removeEventListener('scroll', onScroll)
      window.removeEventListener('resize', onScroll)
    }
  }, [look])

  return {
    range,
    /** What is new comes into view. */
    isTop,
    reveal,
    /** Scrolls to a height within the photos. */
    scrollTo(y: number) {
      window.scrollTo({ top: topOf() + y, behavior: 'instant' })
    },
    topOf,
  }
}

const anchorIn = (place: Place | null): Anchor | null => (place && 'date' in place ? place : null)

function indexOfAnchor(outline: Outline, { id, date, ordinal }: Anchor, isWhole: boolean): number {
  const known = id === null ? -1 : outline.indexOf(id)
  // The day may have more photos than those that are known yet.
  if (known >= 0 || !isWhole) return known
  const day = outline.days.find((one) => one.date <= date)
  if (!day) return -1
  return day.start + (day.date === date ? Math.min(ordinal, day.count - 1) : 0)
}
