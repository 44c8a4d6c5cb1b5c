import { type PointerEvent, useRef } from 'react'

/** Pixels that a finger has to travel. */
const distance = 48

/** Handlers for an element over which a finger moves sideways. `onForward`: the finger went to the left. */
export function useSwipe({ onForward, onBack }: { onForward: () => void; onBack: () => void }) {
  const start = useRef<{ id: number; x: number; y: number } | null>(null)
  return {
    onPointerDown({ pointerId, pointerType, isPrimary, clientX, clientY, target }: PointerEvent) {
      const onControls = target instanceof HTMLElement && target.closest('video, button')
      // A second finger is a pinch.
      start.current =
        pointerType === 'touch' && isPrimary && !onControls ? { id: pointerId, x: clientX, y: clientY } : null
    },
    onPointerUp({ pointerId, clientX, clientY }: PointerEvent) {
      const from = start.current
      start.current = null
      if (from?.id !== pointerId) return
      const [dx, dy] = [clientX - from.x, clientY - from.y]
      if (Math.abs(dx) < distance || Math.abs(dx) < Math.abs(dy) * 1.5) return
      if (dx < 0) onForward()
      else onBack()
    },
    onPointerCancel() {
      start.current = null
    },
  }
}
