import type { Album } from '@tintype/protocol'
import { useState } from 'react'
import { Confirm } from '../Confirm.tsx'
import { deleteAlbum } from './albums.ts'

export interface DeleteAlbumProps {
  album: Album
  onCancel: () => void
  onDeleted: () => void
}

/** Asks before an album is deleted. */
export function DeleteAlbum({ album: { id, name }, onCancel, onDeleted }: DeleteAlbumProps) {
  const [error, setError] = useState<string | null>(null)
  const title = (
    <>
      Delete the album <bdi>{name}</bdi>?
    </>
  )
  const onConfirm = () => deleteAlbum(id).then(onDeleted, (failure: Error) => setError(failure.message))
  return (
    <Confirm title={title} error={error} onCancel={onCancel} onConfirm={onConfirm}>
      Its photos and videos stay in your gallery. Links to it end at once.
    </Confirm>
  )
}
