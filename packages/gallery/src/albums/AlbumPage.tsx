import type { ReactNode } from 'react'
import { AddIcon, AlbumIcon } from '../icons.tsx'
import type { Router } from '../routing.ts'
import type { Library } from '../useLibrary.ts'
import { AlbumHead } from './AlbumHead.tsx'
import { useAlbum } from './useAlbum.ts'

export interface AlbumPageProps {
  id: string
  isOpen: boolean
  library: Library
  router: Router
  onNews: (text: string, isError?: boolean) => void
  /** The grid, or what stands for it. */
  children: ReactNode
}

/** An album above its photos; or why it can't be shown. */
export function AlbumPage({ id, isOpen, library, router, onNews, children }: AlbumPageProps) {
  const { album, error, setAlbum } = useAlbum(isOpen, id)
  if (error !== null)
    return (
      <section className="notice" role="alert">
        <AlbumIcon />
        <h2>This album can’t be shown</h2>
        <p>{error}</p>
        <button type="button" className="button" onClick={() => router.leave({ at: 'albums', query: '' })}>
          Show all albums
        </button>
      </section>
    )
  const { outline, phase } = library
  return (
    <>
      {album && (
        <AlbumHead
          album={album}
          shown={phase === 'ready' ? outline.count : album.count}
          router={router}
          onChanged={setAlbum}
          onNews={onNews}
        />
      )}
      {children}
    </>
  )
}

/** In the place of the grid. */
export function EmptyAlbum({
  uploading,
  onPhotos,
  onPick,
}: {
  uploading: boolean
  onPhotos: () => void
  onPick: () => void
}) {
  return (
    <section className="empty">
      <AlbumIcon />
      <h2>{uploading ? 'The first photos are on their way' : 'Nothing in this album yet'}</h2>
      <p>Select some of your photos and add them, or share the album: others can send theirs into it.</p>
      <div className="actions">
        <button type="button" className="button primary" onClick={onPhotos}>
          Select from my photos
        </button>
        <button type="button" className="button" onClick={onPick}>
          <AddIcon /> Add new ones
        </button>
      </div>
    </section>
  )
}
