import { type ReactNode, useId } from 'react'
import { CloseIcon } from './icons.tsx'
import { useModal } from './useModal.ts'

export interface PanelProps {
  title: ReactNode
  onClose: () => void
  children: ReactNode
}

/** A dialog with a few things to choose from. Escape closes it. */
export function Panel({ title, onClose, children }: PanelProps) {
  const dialog = useModal()
  const id = useId()
  return (
    <dialog
      ref={dialog}
      className="panel"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <button
          type="button"
          className="button quiet icon-only"
          aria-label="Close"
          data-last
          onClick={onClose}
        >
          <CloseIcon />
        </button>
      </header>
      {children}
    </dialog>
  )
}
