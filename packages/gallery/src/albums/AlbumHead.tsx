import type { Album } from '@tintype/protocol'
import { type MouseEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { addressOf } from '../addresses.ts'
import { isFocusLost } from '../focus.ts'
import { describeCount } from '../format.ts'
import { home } from '../home.ts'
import { ChevronIcon, PencilIcon, ShareIcon, TrashIcon } from '../icons.tsx'
import type { Router } from '../routing.ts'
import { renameAlbum } from './albums.ts'
import { DeleteAlbum } from './DeleteAlbum.tsx'
import { AlbumNameForm } from './NewAlbum.tsx'
import { useShareDialog } from './useShareDialog.tsx'

export interface AlbumHeadProps {
  album: Album
  /** How many it shows now. */
  shown: number
  router: Router
  onChanged: (album: Album) => void
  onNews: (text: string, isError?: boolean) => void
}

/** Above the photos of an album: its name, and what can be done with it. */
export function AlbumHead({ album, shown, router, onChanged, onNews }: AlbumHeadProps) {
  const { id, name } = album
  const [isNaming, setNaming] = useState(false)
  const [isAsked, setAsked] = useState(false)
  const pencil = useRef<HTMLButtonElement>(null)
  const wasNaming = useRef(false)
  useLayoutEffect(() => {
    if (wasNaming.current && !isNaming) pencil.current?.focus()
    wasNaming.current = isNaming
  }, [isNaming])
  const title = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    if (isFocusLost()) title.current?.focus({ preventScroll: true })
  }, [])
  const share = useShareDialog(album, onNews)
  useEffect(() => {
    document.title = `${name} · Tintype`
    return () => {
      document.title = 'Tintype'
    }
  }, [name])

  const leave = () => router.leave({ at: 'albums', query: '' })
  const toAlbums = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    leave()
  }
  return (
    <section className="album-head" aria-labelledby="album-title">
      <a
        className="button quiet album-back"
        href={addressOf({ at: 'albums', query: '' }, home)}
        onClick={toAlbums}
      >
        <ChevronIcon /> Albums
      </a>
      {isNaming ? (
        <>
          <h2 id="album-title" className="visually-hidden">
            {name}
          </h2>
          <AlbumNameForm
            name={name}
            button="Save"
            onName={async (text) => {
              onChanged(await renameAlbum(id, text))
              setNaming(false)
            }}
            onCancel={() => setNaming(false)}
          />
        </>
      ) : (
        <div className="album-title">
          <h2 id="album-title" ref={title} tabIndex={-1}>
            <bdi>{name}</bdi>
          </h2>
          <button
            ref={pencil}
            type="button"
            className="button quiet icon-only"
            aria-label="Rename the album"
            title="Rename"
            onClick={() => setNaming(true)}
          >
            <PencilIcon />
          </button>
        </div>
      )}
      <p className="soft">{describeCount(shown)}</p>
      <div className="actions">
        <button type="button" className="button primary" onClick={share.open}>
          <ShareIcon /> Share
        </button>
        <button type="button" className="button quiet danger" onClick={() => setAsked(true)}>
          <TrashIcon /> Delete album
        </button>
      </div>
      {share.dialog}
      {isAsked && (
        <DeleteAlbum
          album={album}
          onCancel={() => setAsked(false)}
          onDeleted={() => {
            onNews(`The album ${name} is deleted. Its photos are still in your gallery.`)
            leave()
          }}
        />
      )}
    </section>
  )
}
