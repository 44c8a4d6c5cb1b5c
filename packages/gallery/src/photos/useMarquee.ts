import { type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react'
import type { Library } from '../useLibrary.ts'
import { boxesOf, type Layout, rowAt, titleHeight } from './layout.ts'
import type { Outline } from './outline.ts'
import type { Selection } from './useSelection.ts'

interface Rectangle {
  left: number
  top: number
  width: number
  height: number
}

/** One rectangle, from the press to the release. */
interface Drag {
  /** Where it begins, in pixels from the corner of the grid. */
  x: number
  y: number
  /** What was selected before. */
  before: Selection['media']
  /** Where the mouse is in the window. */
  clientX: number
  clientY: number
  /** Places of what it touches. Null: it is no rectangle yet. */
  places: readonly number[] | null
  /** What the last drawing showed. */
  drawn: string
  outline: Outline | null
}

/** Pixels that a mouse moves before it means to draw a rectangle. */
const slack = 6
/** Pixels from the end of the window at which the page begins to scroll; at its beginning it is the header. */
const margin = 48
/** Pixels beyond that from which on it scrolls no faster. */
const furthest = 120

/** A rectangle drawn with the mouse, from between the photos, selects what it touches; at the window's edges the page scrolls on. */
export function useMarquee(
  box: RefObject<HTMLElement | null>,
  { outline, store }: Library,
  layout: Layout,
  selection: Selection,
) {
  const [shown, setShown] = useState<Rectangle | null>(null)
  const drag = useRef<Drag | null>(null)
  const now = useRef({ outline, layout, selection })
  now.current = { outline, layout, selection }

  const pointOf = ({ clientX, clientY }: Pick<Drag, 'clientX' | 'clientY'>) => {
    const { left, top } = box.current?.getBoundingClientRect() ?? { left: 0, top: 0 }
    return { x: clientX - left, y: clientY - top }
  }
  const draw = (current: Drag) => {
    const { outline, layout, selection } = now.current
    const { x, y } = pointOf(current)
    const rectangle = {
      left: Math.min(x, current.x),
      top: Math.min(y, current.y),
      width: Math.abs(x - current.x),
      height: Math.abs(y - current.y),
    }
    const drawn = Object.values(rectangle).join()
    // What is loaded meanwhile is selected, too.
    if (drawn === current.drawn && outline === current.outline) return
    const places = touchedBy(rectangle, outline, layout)
    Object.assign(current, { drawn, outline, places })
    setShown(rectangle)
    const media = places.flatMap((at) => outline.mediaAt(at) ?? [])
    selection.only([...current.before, ...media])
  }
  const follow = (current: Drag, last: number) =>
    requestAnimationFrame((time) => {
      if (drag.current !== current) return
      const pixels = speedAt(current.clientY) * Math.max(0, time - last)
      if (pixels !== 0) window.scrollBy({ top: pixels, behavior: 'instant' })
      draw(current)
      follow(current, time)
    })
  const end = () => {
    const { current } = drag
    drag.current = null
    if (!current?.places) return
    draw(current)
    setShown(null)
    const isLoaded = current.places.every((at) => now.current.outline.mediaAt(at))
    if (!isLoaded) void selection.setLater(store.mediaAt(current.places), true)
  }
  useEffect(() => {
    const giveUp = (event: KeyboardEvent) => {
      const { current } = drag
      if (event.key !== 'Escape' || !current?.places) return
      // What was selected before stays.
      event.stopImmediatePropagation()
      drag.current = null
      setShown(null)
      now.current.selection.only(current.before)
    }
    window.addEventListener('keydown', giveUp, true)
    return () => {
      drag.current = null
      window.removeEventListener('keydown', giveUp, true)
    }
  }, [])
  return {
    shown: shown && {
      left: `${shown.left}px`,
      top: `${shown.top}px`,
      width: `${shown.width}px`,
      height: `${shown.height}px`,
    },
    hands: {
      onPointerDown(event: PointerEvent) {
        const isBetween = !(event.target instanceof Element && event.target.closest('button, h2'))
        if (event.pointerType !== 'mouse' || event.button !== 0 || !isBetween) return
        const isMore = event.shiftKey || event.ctrlKey || event.metaKey
        const { clientX, clientY } = event
        drag.current = {
          ...{ ...pointOf(event), before: isMore ? selection.media : [], clientX, clientY },
          ...{ places: null, drawn: '', outline: null },
        }
        event.preventDefault()
        // Where it ends outside of the photos, or of the window, that is told, too.
        event.currentTarget.setPointerCapture(event.pointerId)
        if (!isMore) selection.clear()
      },
      onPointerMove(event: PointerEvent) {
        const { current } = drag
        if (!current) return
        Object.assign(current, { clientX: event.clientX, clientY: event.clientY })
        const { x, y } = pointOf(event)
        if (current.places || Math.hypot(x - current.x, y - current.y) < slack) return
        draw(current)
        follow(current, performance.now())
      },
      onPointerUp: end,
      onPointerCancel: end,
    },
  }
}

/** Pixels a millisecond for which the page scrolls while the mouse is at this height of the window. */
function speedAt(y: number): number {
  const top = document.querySelector('.header')?.getBoundingClientRect().height ?? 0 + margin
  const bottom = window.innerHeight - margin
  const away = y < top ? y - top : Math.max(0, y - bottom)
  return Math.max(-furthest, Math.min(furthest, away)) / 40
}

/** Places of photos. */
function touchedBy(
  { left, top, width, height }: Rectangle,
  outline: Outline,
  layout: Layout,
): readonly number[] {
  const found: number[] = []
  for (let at = rowAt(layout, top); at < layout.rows.length; at++) {
    const row = layout.rows[at]
    if (!row || row.top > top + height) break
    const tiles = row.top + (row.segments.some((one) => one.hasTitle) ? titleHeight : 0)
    for (const segment of row.segments) {
      if (tiles + segment.height < top || tiles > top + height) continue
      for (const box of boxesOf(segment, outline))
        if (box.left < left + width && box.left + box.width > left) found.push(box.index)
    }
  }
  return found
}
