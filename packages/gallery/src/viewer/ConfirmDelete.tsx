import type { Media } from '@tintype/protocol'
import { useLayoutEffect, useRef, useState } from 'react'
import { library } from '../api.ts'

export interface ConfirmDeleteProps {
  media: Media
  onCancel: () => void
  onDeleted: () => void
}

/** Asks before deleting, and says why a deletion failed. The focus starts on Cancel. */
export function ConfirmDelete({ media: { id, name, kind }, onCancel, onDeleted }: ConfirmDeleteProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)

  useLayoutEffect(() => {
    const { current } = dialog
    current?.showModal()
    return () => current?.close()
  }, [])

  const confirm = async () => {
    if (busy) return
    setBusy(true)
    setError(null)
    try {
      await library.remove(id)
      onDeleted()
    } catch (failure) {
      setBusy(false)
      setError((failure as Error).message)
    }
  }

  return (
    <dialog
      ref={dialog}
      className="confirm"
      aria-labelledby="confirm-title"
      aria-describedby="confirm-text"
      onCancel={onCancel}
    >
      <h2 id="confirm-title">Delete this {kind === 'video' ? 'video' : 'photo'}?</h2>
      <p id="confirm-text">
        <bdi>{name}</bdi> will be gone for good. This can’t be undone.
      </p>
      <p className="error" role="alert">
        {error}
      </p>
      <div className="actions">
        {/* biome-ignore lint/a11y/noAutofocus: in a dialog the focus has to begin at the harmless answer */}
        <button type="button" className="button" autoFocus onClick={onCancel}>
          Cancel
        </button>
        <button type="button" className="button danger solid" onClick={confirm}>
          {busy ? 'Deleting…' : 'Delete'}
        </button>
      </div>
    </dialog>
  )
}
