import type { ReactNode } from 'react'
import { useModal } from './useModal.ts'

/** Covers the page, dialogs included, and can't be closed. The work below continues when it is gone. */
export function Cover({ label, children }: { label: string; children: ReactNode }) {
  const dialog = useModal()

  return (
    <dialog
      ref={dialog}
      className="screen cover"
      aria-label={label}
      onKeyDown={(event) => event.key === 'Escape' && event.preventDefault()}
      onCancel={(event) => event.preventDefault()}
      // In Chromium a second "back" gesture closes it anyway.
      onClose={() => dialog.current?.open || dialog.current?.showModal()}
    >
      {children}
    </dialog>
  )
}
