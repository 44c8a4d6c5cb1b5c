import type { Album, Media } from '@tintype/protocol'
import { useEffect, useState } from 'react'
import { countMedia } from '../format.ts'
import { Panel } from '../Panel.tsx'
import { addToAlbum, createAlbum, listAlbums } from './albums.ts'
import { Cover } from './Cover.tsx'
import { AlbumNameForm } from './NewAlbum.tsx'

export interface AddToAlbumProps {
  media: readonly Media[]
  onClose: () => void
  onAdded: (album: Album) => void
}

/** Adds what is selected to an album that is there, or to a new one. */
export function AddToAlbum({ media, onClose, onAdded }: AddToAlbumProps) {
  const [albums, setAlbums] = useState<readonly Album[] | null>(null)
  const [error, setError] = useState<string | null>(null)
  useEffect(() => {
    listAlbums().then(setAlbums, (failure: Error) => setError(failure.message))
  }, [])
  const ids = media.map((one) => one.id)
  const add = async (id: string) => {
    setError(null)
    try {
      onAdded(await addToAlbum(id, ids))
    } catch (failure) {
      setError((failure as Error).message)
    }
  }
  return (
    <Panel title={`Add ${countMedia(media)} to an album`} onClose={onClose}>
      <p className="error" role="alert">
        {error}
      </p>
      {albums !== null && albums.length > 0 && (
        <ul className="album-choice">
          {albums.map(({ id, name, count: photos, coverId }) => (
            <li key={id}>
              <button type="button" className="button quiet" onClick={() => void add(id)}>
                <Cover id={coverId} />
                <bdi className="album-name">{name}</bdi>
                <span className="soft">{photos}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {albums !== null && (
        <AlbumNameForm
          button="Add to a new album"
          takesFocus={false}
          onName={async (name) => {
            const { id } = await createAlbum(name)
            onAdded(await addToAlbum(id, ids))
          }}
        />
      )}
    </Panel>
  )
}
