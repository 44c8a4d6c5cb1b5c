import { type Media, uprightSize } from '@tintype/protocol'
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { downloadUrl } from '../api.ts'
import { focusFirstIn } from '../focus.ts'
import { AlbumIcon, ChevronIcon, CloseIcon, DownloadIcon, InfoIcon, TrashIcon } from '../icons.tsx'
import { Slide } from './Slide.tsx'
import { useFold } from './useFold.ts'
import { useStage } from './useStage.ts'

export interface ViewerProps {
  media: Media
  previous: Media | null
  next: Media | null
  /** A small picture of it that the page has. */
  thumbOf: (media: Media) => string | undefined
  onShow: (id: string) => void
  onClose: () => void
  /** What those can do whose photo it is; null for others. */
  owner: {
    onDelete: () => void
    /** Null where there are no albums. */
    onAddToAlbum: (() => void) | null
    details: (onFold: () => void) => ReactNode
  } | null
  onRefresh: (id: string) => Promise<void>
  /** Shown over it: everything outside of a dialog can be neither pressed nor read. */
  children: ReactNode
}

/** One photo or video, large, with its actions. */
export function Viewer(props: ViewerProps) {
  const { media, previous, next, thumbOf, onShow, onClose, owner, onRefresh, children } = props
  const dialog = useRef<HTMLDialogElement>(null)
  const stage = useRef<HTMLDivElement>(null)
  const track = useRef<HTMLDivElement>(null)
  const [isBare, setBare] = useState(false)
  const [wantsDetails, fold] = useFold()
  const hasDetails = owner !== null && wantsDetails
  /** The ones beside it are loaded when what one looks at is there. */
  const [sharpId, setSharpId] = useState<string | null>(null)

  useLayoutEffect(() => {
    const { current } = dialog
    current?.showModal()
    if (current) focusFirstIn(current)
    document.documentElement.classList.add('modal')
    return () => {
      document.documentElement.classList.remove('modal')
      current?.close()
    }
  }, [])

  const besideAt = (step: 1 | -1) => (step === 1 ? next : previous)
  const show = (step: 1 | -1): boolean => {
    const other = besideAt(step)
    if (other) onShow(other.id)
    return other !== null
  }
  const zoom = useStage({
    stage,
    track,
    id: media.id,
    width: media.kind === 'image' ? uprightSize(media).width : null,
    onMove: show,
    onClose,
    onTap: () => setBare((is) => !is),
  })
  const onSharp = useCallback((id: string) => setSharpId(id), [])

  const onKeyDown = (event: KeyboardEvent) => {
    const { target, key, altKey, ctrlKey, metaKey } = event
    if (altKey || ctrlKey || metaKey || !(target instanceof HTMLElement)) return
    const of = target.closest('dialog')
    if (target.matches('input, textarea, video') || (of && of !== dialog.current)) return
    const forward = isRtl() ? 'ArrowLeft' : 'ArrowRight'
    const isZoomed = zoom.scale > 1
    const arrows: Record<string, [number, number]> = {
      ArrowLeft: [80, 0],
      ArrowRight: [-80, 0],
      ArrowUp: [0, 80],
      ArrowDown: [0, -80],
    }
    const arrow = arrows[key]
    if (arrow && isZoomed) zoom.pan(...arrow)
    else if (key === 'ArrowLeft' || key === 'ArrowRight') show(key === forward ? 1 : -1)
    else if (key === '+' || key === '=') zoom.zoomBy(1.5)
    else if (key === '-') zoom.zoomBy(1 / 1.5)
    else if (key === '0' || (key === 'Escape' && isZoomed)) zoom.reset()
    else if (key === 'i' && owner) fold(!hasDetails)
    else if (key === 'Delete' && owner) owner.onDelete()
    else return
    setBare(false)
    event.preventDefault()
  }
  // Of the window: whatever had the focus may be gone.
  const onKey = useRef(onKeyDown)
  onKey.current = onKeyDown
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey.current(event)
    window.addEventListener('keydown', listener)
    return () => window.removeEventListener('keydown', listener)
  }, [])

  const slides = [
    { at: -1, one: previous },
    { at: 0, one: media },
    { at: 1, one: next },
  ].flatMap(({ at, one }) => (one && (at === 0 || sharpId !== null) ? [{ at, one }] : []))

  return (
    <dialog
      ref={dialog}
      className="viewer"
      aria-label={media.name}
      data-bare={isBare && !hasDetails}
      data-details={hasDetails}
      data-zoomed={zoom.scale > 1}
      onCancel={(event) => {
        // Those of the file input inside come by here, too.
        if (event.target !== event.currentTarget) return
        event.preventDefault()
        onClose()
      }}
    >
      <div className="viewer-main">
        <div className="viewer-bar">
          <button
            type="button"
            className="viewer-button"
            aria-label="Close"
            title="Close"
            data-last
            onClick={onClose}
          >
            <CloseIcon />
          </button>
          <span className="space" />
          {!hasDetails && media.urls.original !== '' && (
            <a
              className="viewer-button"
              href={downloadUrl(media.id)}
              download={media.name}
              aria-label="Download original"
              title="Download original"
            >
              <DownloadIcon />
            </a>
          )}
          {owner?.onAddToAlbum && !hasDetails && (
            <button
              type="button"
              className="viewer-button"
              aria-label="Add to album"
              title="Add to album"
              onClick={owner.onAddToAlbum}
            >
              <AlbumIcon />
            </button>
          )}
          {owner && (
            <button
              type="button"
              className="viewer-button"
              aria-label="Details"
              title="Details (i)"
              aria-expanded={hasDetails}
              onClick={() => fold(!hasDetails)}
            >
              <InfoIcon />
            </button>
          )}
          {owner && !hasDetails && (
            <button
              type="button"
              className="viewer-button"
              aria-label="Delete"
              title="Delete"
              onClick={owner.onDelete}
            >
              <TrashIcon />
            </button>
          )}
        </div>
        <div className="viewer-stage" ref={stage}>
          <div className="viewer-track" ref={track}>
            {slides.map(({ at, one }) => (
              <Slide
                key={one.id}
                media={one}
                at={at}
                thumb={thumbOf(one)}
                isBeside={hasDetails}
                scale={zoom.scale}
                onRefresh={onRefresh}
                onSharp={onSharp}
              />
            ))}
          </div>
          {([-1, 1] as const).map((step) => (
            <button
              key={step}
              type="button"
              className={`viewer-button viewer-move ${step === 1 ? 'next' : 'previous'}`}
              aria-label={step === 1 ? 'Next' : 'Previous'}
              aria-disabled={!besideAt(step)}
              data-first={step === 1 || undefined}
              onClick={() => show(step)}
            >
              <ChevronIcon />
            </button>
          ))}
        </div>
        {!hasDetails && media.caption !== null && (
          <p className="viewer-caption" dir="auto">
            {media.caption}
          </p>
        )}
      </div>
      {hasDetails && owner.details(() => fold(false))}
      {children}
    </dialog>
  )
}

const isRtl = () => getComputedStyle(document.documentElement).direction === 'rtl'
