import { type ReactNode, useLayoutEffect, useRef } from 'react'

/** Lies over the page, dialogs included, and can't be closed: what was being done below goes on when it is gone. */
export function Cover({ label, children }: { label: string; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null)

  useLayoutEffect(() => {
    const { current } = dialog
    current?.showModal()
    return () => current?.close()
  }, [])

  return (
    <dialog
      ref={dialog}
      className="screen cover"
      aria-label={label}
      onKeyDown={(event) => event.key === 'Escape' && event.preventDefault()}
      onCancel={(event) => event.preventDefault()}
      // A second gesture "back" closes it in Chromium all the same.
      onClose={() => dialog.current?.open || dialog.current?.showModal()}
    >
      {children}
    </dialog>
  )
}
