import type { Media } from '@tintype/protocol'
import { type PointerEvent, type RefObject, useRef, useState } from 'react'
import { boxesOf, type Layout, rowAt, titleHeight } from './layout.ts'
import type { Outline } from './outline.ts'
import type { Selection } from './useSelection.ts'

interface Rectangle {
  left: number
  top: number
  width: number
  height: number
}

/** Pixels that a mouse moves before it means to draw a rectangle. */
const slack = 6

/** A rectangle drawn with the mouse, from between the photos, selects what it touches. */
export function useMarquee(
  box: RefObject<HTMLElement | null>,
  outline: Outline,
  layout: Layout,
  selection: Selection,
) {
  const [shown, setShown] = useState<Rectangle | null>(null)
  const from = useRef<{ x: number; y: number; before: readonly Media[] } | null>(null)

  const pointOf = ({ clientX, clientY }: PointerEvent) => {
    const { left, top } = box.current?.getBoundingClientRect() ?? { left: 0, top: 0 }
    return { x: clientX - left, y: clientY - top }
  }
  const end = () => {
    from.current = null
    setShown(null)
  }
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
        from.current = { ...pointOf(event), before: isMore ? selection.media : [] }
        event.preventDefault()
        if (!isMore) selection.clear()
      },
      onPointerMove(event: PointerEvent) {
        const start = from.current
        if (!start) return
        const { x, y } = pointOf(event)
        if (!shown && Math.hypot(x - start.x, y - start.y) < slack) return
        if (!shown) event.currentTarget.setPointerCapture(event.pointerId)
        const drawn = {
          left: Math.min(x, start.x),
          top: Math.min(y, start.y),
          width: Math.abs(x - start.x),
          height: Math.abs(y - start.y),
        }
        setShown(drawn)
        selection.only([...start.before, ...touchedBy(drawn, outline, layout)])
      },
      onPointerUp: end,
      onPointerCancel: end,
    },
  }
}

function touchedBy({ left, top, width, height }: Rectangle, outline: Outline, layout: Layout): Media[] {
  const found: Media[] = []
  for (let at = rowAt(layout, top); at < layout.rows.length; at++) {
    const row = layout.rows[at]
    if (!row || row.top > top + height) break
    const tiles = row.top + (row.segments.some((one) => one.hasTitle) ? titleHeight : 0)
    for (const segment of row.segments) {
      if (tiles + segment.height < top || tiles > top + height) continue
      for (const box of boxesOf(segment, outline)) {
        const media = outline.mediaAt(box.index)
        if (media && box.left < left + width && box.left + box.width > left) found.push(media)
      }
    }
  }
  return found
}
