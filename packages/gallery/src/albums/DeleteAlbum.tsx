import type { Album } from '@tintype/protocol'
import { useState } from 'react'
import { useModal } from '../useModal.ts'
import { deleteAlbum } from './albums.ts'

export interface DeleteAlbumProps {
  album: Album
  onCancel: () => void
  onDeleted: () => void
}

/** Asks before an album is deleted. The focus starts on Cancel. */
export function DeleteAlbum({ album: { id, name }, onCancel, onDeleted }: DeleteAlbumProps) {
  const dialog = useModal()
  const [error, setError] = useState<string | null>(null)
  return (
    <dialog
      ref={dialog}
      className="confirm"
      aria-labelledby="confirm-title"
      aria-describedby="confirm-text"
      onCancel={onCancel}
    >
      <h2 id="confirm-title">
        Delete the album <bdi>{name}</bdi>?
      </h2>
      <p id="confirm-text">Its photos and videos stay in your gallery. Links to it end at once.</p>
      <p className="error" role="alert">
        {error}
      </p>
      <div className="actions">
        {/* biome-ignore lint/a11y/noAutofocus: in a dialog the focus has to begin at the harmless answer */}
        <button type="button" className="button" autoFocus onClick={onCancel}>
          Cancel
        </button>
        <button
          type="button"
          className="button danger solid"
          onClick={() => deleteAlbum(id).then(onDeleted, (failure: Error) => setError(failure.message))}
        >
          Delete
        </button>
      </div>
    </dialog>
  )
}
