import { useModal } from '../useModal.ts'

export interface ConfirmDeleteProps {
  /** `this photo`, `12 photos` */
  what: string
  /** Its name, where it is one. */
  name: string | null
  onCancel: () => void
  onConfirm: () => void
}

/** Asks before something is deleted that can't be brought back. The focus starts on Cancel. */
export function ConfirmDelete({ what, name, onCancel, onConfirm }: ConfirmDeleteProps) {
  const dialog = useModal()

  return (
    <dialog
      ref={dialog}
      className="confirm"
      aria-labelledby="confirm-title"
      aria-describedby="confirm-text"
      onCancel={onCancel}
    >
      <h2 id="confirm-title">Delete {what}?</h2>
      <p id="confirm-text">
        {name === null ? 'They' : <bdi>{name}</bdi>} will be gone for good. This can’t be undone.
      </p>
      <div className="actions">
        {/* biome-ignore lint/a11y/noAutofocus: in a dialog the focus has to begin at the harmless answer */}
        <button type="button" className="button" autoFocus onClick={onCancel}>
          Cancel
        </button>
        <button type="button" className="button danger solid" onClick={onConfirm}>
          Delete
        </button>
      </div>
    </dialog>
  )
}
