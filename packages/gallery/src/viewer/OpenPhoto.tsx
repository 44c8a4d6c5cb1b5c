import type { Media } from '@tintype/protocol'
import { type ComponentType, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { library as server } from '../api.ts'
import { CloseIcon } from '../icons.tsx'
import { instantOf } from '../photos/days.ts'
import { shownThumb } from '../photos/Tile.tsx'
import type { Router } from '../routing.ts'
import type { Library } from '../useLibrary.ts'
import { useModal } from '../useModal.ts'
import type { DetailsProps } from './Details.tsx'
import { Viewer } from './Viewer.tsx'

export interface OpenPhotoProps {
  library: Library
  router: Router
  isOpen: boolean
  /** What can be done with a photo; null where it can only be seen. */
  owner: OpenPhotoOwner | null
  /** The viewer is gone. @param id what was shown last */
  onClosed: (id: string) => void
  children: ReactNode
}

export interface OpenPhotoOwner {
  /** @param go shows what comes next, once it is sure that it is deleted */
  onDelete: (media: Media, go: () => void) => void
  /** Null where the server has no albums. */
  onAddToAlbum: ((media: Media) => void) | null
  Details: ComponentType<DetailsProps>
  view: DetailsProps['view']
}

/** The photo that the address names, in the viewer: with what stands beside it in the grid, as far as that is known. */
export function OpenPhoto({ library, router, isOpen, owner, onClosed, children }: OpenPhotoProps) {
  const { outline, store } = library
  const { route, replace, leave } = router
  const id = route.at === 'photo' ? route.id : null
  const index = id === null ? -1 : outline.indexOf(id)
  /** What was visited by its address may stand among photos that are not loaded. */
  const [visited, setVisited] = useState<Media | null>(null)
  const [failure, setFailure] = useState<{ of: string; message: string; isAbsent: boolean } | null>(null)
  const error = failure?.of === id ? failure : null
  /** What was shown last, and where it stood: it may be deleted elsewhere meanwhile, which the server is asked about. */
  const before = useRef<{ media: Media; index: number } | null>(null)
  const wasShown = before.current?.media.id === id ? before.current : null
  const media =
    outline.mediaAt(index) ?? (visited?.id === id ? visited : error === null ? wasShown?.media : undefined)
  useLayoutEffect(() => {
    if (media) before.current = { media, index: index >= 0 ? index : (wasShown?.index ?? -1) }
  }, [media, index, wasShown])

  useEffect(() => {
    if (!isOpen || id === null || index >= 0) return
    setFailure(null)
    let isOver = false
    // In a moment: when one is deleted, the address of the next one comes right after.
    const timer = setTimeout(() => {
      server.get(id).then(
        (found) => isOver || setVisited(found),
        ({ message, status }: Error & { status?: number }) => {
          if (isOver) return
          const isAbsent = status === 404
          if (isAbsent) setVisited(null)
          setFailure({ of: id, message, isAbsent })
        },
      )
    })
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [isOpen, id, index])

  const { isWhole, phase } = library
  useEffect(() => {
    if (phase !== 'ready') return
    // Both sides of it, for those who go on.
    if (index >= 0) store.want([index, index - 2, index + 2].map(outline.pageAt))
    else if (isWhole && visited?.id === id && visited) store.locate(visited, instantOf(visited))
  }, [index, id, visited, isWhole, phase, outline, store])

  const shown = useRef<string | null>(null)
  const closed = useRef(onClosed)
  closed.current = onClosed
  useLayoutEffect(() => {
    if (id === null && shown.current !== null) closed.current(shown.current)
    shown.current = id
  }, [id])

  useEffect(() => {
    if (!media) return
    const before = document.title
    document.title = `${media.caption ?? media.name} · Tintype`
    return () => {
      document.title = before
    }
  }, [media])

  if (id === null) return null
  const { query, album } = route
  const place = { query, ...(album === undefined ? {} : { album }) }
  const close = () => leave({ at: 'photos', ...place })
  const show = (other: string) => replace({ at: 'photo', id: other, ...place })
  if (!media) {
    if (error === null) return null
    if (!wasShown || !error.isAbsent) return <Missing message={error.message} onClose={close} />
    const { kind } = wasShown.media
    // In its place stands the one that came after it.
    const other = outline.mediaAt(Math.min(Math.max(0, wasShown.index), outline.count - 1))
    return (
      <Missing
        message={kind === 'video' ? 'This video was deleted.' : 'This photo was deleted.'}
        onGoOn={other ? () => show(other.id) : null}
        onClose={close}
      />
    )
  }
  const besideAt = (step: number) => (index < 0 ? null : (outline.mediaAt(index + step) ?? null))
  const [previous, next] = [besideAt(-1), besideAt(1)]
  const goOn = () => {
    const other = next ?? previous
    if (other) show(other.id)
    else close()
  }
  const onRefresh = async (of: string) => {
    const found = await server.get(of)
    if (of === id) setVisited(found)
    store.change(found)
  }
  const onDelete = () => owner?.onDelete(media, goOn)
  const onAddToAlbum = owner?.onAddToAlbum ? () => owner.onAddToAlbum?.(media) : null
  const actions = owner && {
    onDelete,
    onAddToAlbum,
    details: (onFold: () => void) => (
      <owner.Details
        key={media.id}
        media={media}
        view={owner.view}
        onChanged={(changed) => {
          setVisited(changed)
          store.change(changed)
        }}
        onRefresh={onRefresh}
        onAddToAlbum={onAddToAlbum}
        onDelete={onDelete}
        onFold={onFold}
      />
    ),
  }
  return (
    <Viewer
      media={media}
      previous={previous}
      next={next}
      thumbOf={shownThumb}
      onShow={show}
      onClose={close}
      owner={actions}
      onRefresh={onRefresh}
    >
      {children}
    </Viewer>
  )
}

interface MissingProps {
  message: string
  /** To the one beside it; null where there is none. */
  onGoOn?: (() => void) | null
  onClose: () => void
}

/** In the place of a photo that is not there, or can't be asked for. */
function Missing({ message, onGoOn = null, onClose }: MissingProps) {
  const dialog = useModal()
  return (
    <dialog
      ref={dialog}
      className="viewer missing"
      aria-label="Photo"
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <p role="alert">{message}</p>
      {onGoOn && (
        <button type="button" className="button" onClick={onGoOn}>
          Show the one beside it
        </button>
      )}
      <button type="button" className="button" onClick={onClose}>
        <CloseIcon /> Show all photos
      </button>
    </dialog>
  )
}
