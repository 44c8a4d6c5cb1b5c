import type { Media } from '@tintype/protocol'
import { type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react'
import { ChevronIcon, CloseIcon } from '../icons.tsx'
import { ConfirmDelete } from './ConfirmDelete.tsx'
import { Details } from './Details.tsx'
import { Stage } from './Stage.tsx'
import { useSwipe } from './useSwipe.ts'

export interface ViewerProps {
  media: Media
  previous: Media | null
  next: Media | null
  onShow: (id: string) => void
  onClose: () => void
  onChanged: (media: Media) => void
  onDeleted: (id: string) => void
  onRefresh: (id: string) => Promise<void>
}

/** One photo or video, large, with its actions. */
export function Viewer({
  media,
  previous,
  next,
  onShow,
  onClose,
  onChanged,
  onDeleted,
  onRefresh,
}: ViewerProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [confirming, setConfirming] = useState(false)

  useLayoutEffect(() => {
    const { current } = dialog
    current?.showModal()
    document.documentElement.classList.add('modal')
    return () => {
      document.documentElement.classList.remove('modal')
      current?.close()
    }
  }, [])

  const show = (other: Media | null) => other && onShow(other.id)
  const swipe = useSwipe({
    onForward: () => show(isRtl() ? previous : next),
    onBack: () => show(isRtl() ? next : previous),
  })

  const onKeyDown = (event: KeyboardEvent) => {
    const { target, key, altKey, ctrlKey, metaKey } = event
    if (altKey || ctrlKey || metaKey) return
    if (target instanceof HTMLElement && target.matches('input, textarea, video')) return
    if (key === 'ArrowRight') show(isRtl() ? previous : next)
    else if (key === 'ArrowLeft') show(isRtl() ? next : previous)
    else return
    event.preventDefault()
  }

  return (
    <>
      <dialog
        ref={dialog}
        className="viewer"
        aria-label={media.name}
        onKeyDown={onKeyDown}
        onCancel={onClose}
      >
        <button type="button" className="viewer-close" aria-label="Close" onClick={onClose}>
          <CloseIcon />
        </button>
        <div className="viewer-stage" {...swipe}>
          <Stage key={media.id} media={media} onRefresh={onRefresh} />
          <button
            type="button"
            className="viewer-move previous"
            aria-label="Previous"
            aria-disabled={!previous}
            onClick={() => show(previous)}
          >
            <ChevronIcon />
          </button>
          <button
            type="button"
            className="viewer-move next"
            aria-label="Next"
            aria-disabled={!next}
            onClick={() => show(next)}
          >
            <ChevronIcon />
          </button>
        </div>
        <Details key={media.id} media={media} onChanged={onChanged} onDelete={() => setConfirming(true)} />
      </dialog>
      {confirming && (
        <ConfirmDelete
          media={media}
          onCancel={() => setConfirming(false)}
          onDeleted={() => onDeleted(media.id)}
        />
      )}
    </>
  )
}

const isRtl = () => getComputedStyle(document.documentElement).direction === 'rtl'
