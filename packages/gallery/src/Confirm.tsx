import type { ReactNode } from 'react'
import { useModal } from './useModal.ts'

export interface ConfirmProps {
  /** The question. */
  title: ReactNode
  /** What comes of it. */
  children: ReactNode
  /** On the button that does it. @default 'Delete' */
  act?: string
  /** Why it could not be done, once that was tried. */
  error?: string | null
  /** It is being done: a second press does nothing. */
  isBusy?: boolean
  onCancel: () => void
  onConfirm: () => void
}

/** Asks before something is deleted. The focus starts on Cancel. */
export function Confirm({
  title,
  children,
  act = 'Delete',
  error = null,
  isBusy = false,
  onCancel,
  onConfirm,
}: ConfirmProps) {
  const dialog = useModal()
  return (
    <dialog
      ref={dialog}
      className="confirm"
      aria-labelledby="confirm-title"
      aria-describedby="confirm-text"
      onCancel={onCancel}
    >
      <h2 id="confirm-title">{title}</h2>
      <p id="confirm-text">{children}</p>
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
          aria-disabled={isBusy}
          onClick={() => isBusy || onConfirm()}
        >
          {act}
        </button>
      </div>
    </dialog>
  )
}
