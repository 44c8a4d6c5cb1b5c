import { type MouseEvent, type PointerEvent, useRef } from 'react'
import type { Library } from '../useLibrary.ts'
import type { Day } from './outline.ts'
import type { Selection } from './useSelection.ts'

/** Milliseconds for which a finger rests on a photo to select it. */
const longPress = 450

/** What presses and keys select: photos are told by their places, and loaded where they aren't yet. */
export function useSelecting({ outline, store }: Library, selection: Selection) {
  /** The photo that was selected last, from which Shift goes on; the place where its page is not loaded any more. */
  const last = useRef<{ id: string; index: number } | null>(null)
  const isSelecting = selection.ids.size > 0
  if (!isSelecting) last.current = null

  const some = (first: number, count: number, isSelected: boolean) => {
    const places = Array.from({ length: count }, (_, n) => first + n)
    void selection.setLater(store.mediaAt(places), isSelected)
  }
  const between = (a: number, b: number) => some(Math.min(a, b), Math.abs(a - b) + 1, true)
  const toggle = (index: number, isRange: boolean) => {
    const media = outline.mediaAt(index)
    if (!media) return
    const from = last.current && outline.indexOf(last.current.id)
    if (isRange && last.current && from !== null) between(from < 0 ? last.current.index : from, index)
    else selection.toggle(media)
    last.current = { id: media.id, index }
  }

  const resting = useRef<{ timer: ReturnType<typeof setTimeout>; done: boolean } | null>(null)
  const isEndOfLongPress = () => {
    const isEnd = resting.current?.done === true
    if (isEnd) resting.current = null
    return isEnd
  }
  return {
    between,
    toggle,
    hands: {
      /** @returns whether it has selected something, or was the end of a press that has */
      press(index: number, event: MouseEvent): boolean {
        if (isEndOfLongPress()) return true
        const isMeant = isSelecting || event.shiftKey || event.ctrlKey || event.metaKey
        if (isMeant) toggle(index, event.shiftKey)
        return isMeant
      },
      toggle(index: number, event: MouseEvent) {
        // The box appears below the finger that has just selected the photo: its lifting is no press of the box.
        if (!isEndOfLongPress()) toggle(index, event.shiftKey)
      },
      day({ start, count }: Day, isSelected: boolean) {
        some(start, count, isSelected)
      },
      touch(index: number, { pointerType }: PointerEvent) {
        clearTimeout(resting.current?.timer)
        resting.current = null
        if (pointerType !== 'touch') return
        const mine = {
          done: false,
          timer: setTimeout(() => {
            mine.done = true
            toggle(index, false)
            navigator.vibrate?.(10)
          }, longPress),
        }
        resting.current = mine
        const end = (event: Event) => {
          if (event.type === 'pointercancel') mine.done = false
          clearTimeout(mine.timer)
          window.removeEventListener('pointerup', end)
          window.removeEventListener('pointercancel', end)
        }
        window.addEventListener('pointerup', end)
        window.addEventListener('pointercancel', end)
      },
    },
  }
}
