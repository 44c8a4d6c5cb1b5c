import type { Album } from '@tintype/protocol'
import { useState } from 'react'
import { Confirm } from '../Confirm.tsx'
import { withoutNewsOf } from '../news.ts'
import { deleteAlbum } from './albums.ts'

export interface DeleteAlbumProps {
  album: Album
  onCancel: () => void
  onDeleted: () => void
}

/** Asks before an album is deleted. */
export function DeleteAlbum({ album: { id, name }, onCancel, onDeleted }: DeleteAlbumProps) {
  const [error, setError] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const title = (
    <>
      Delete the album <bdi>{name}</bdi>?
    </>
  )
  const onConfirm = () => {
    setBusy(true)
    withoutNewsOf(id, () => deleteAlbum(id)).then(onDeleted, (failure: Error) => {
      setError(failure.message)
      setBusy(false)
    })
  }
  return (
    <Confirm title={title} error={error} isBusy={isBusy} onCancel={onCancel} onConfirm={onConfirm}>
      Its photos and videos stay in your gallery. Links to it end at once.
    </Confirm>
  )
}
