import { useState } from 'react'
import { CloseIcon, SignOutIcon } from '../icons.tsx'
import { useModal } from '../useModal.ts'

export interface AccountProps {
  name: string
  onSignOut: (everywhere?: boolean) => Promise<void>
}

/** The person who is signed in, and the ways out. */
export function Account({ name, onSignOut }: AccountProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        className="button quiet account"
        aria-haspopup="dialog"
        title={name}
        onClick={() => setOpen(true)}
      >
        <span className="initial" aria-hidden="true">
          {Array.from(name)[0]?.toUpperCase()}
        </span>
        <span className="label">{name}</span>
      </button>
      {isOpen && <AccountDialog name={name} onSignOut={onSignOut} onClose={() => setOpen(false)} />}
    </>
  )
}

function AccountDialog({ name, onSignOut, onClose }: AccountProps & { onClose: () => void }) {
  const dialog = useModal()
  const [error, setError] = useState<string | null>(null)
  const leave = (everywhere: boolean) =>
    onSignOut(everywhere).catch((failure: Error) => setError(failure.message))
  return (
    <dialog ref={dialog} className="panel" aria-labelledby="account-title" onCancel={onClose}>
      <header>
        <h2 id="account-title">
          Signed in as <bdi>{name}</bdi>
        </h2>
        <button type="button" className="button quiet icon-only" aria-label="Close" onClick={onClose}>
          <CloseIcon />
        </button>
      </header>
      <p className="error" role="alert">
        {error}
      </p>
      <div className="choices">
        <button type="button" className="button" onClick={() => void leave(false)}>
          <SignOutIcon /> Sign out
        </button>
        <button type="button" className="button quiet" onClick={() => void leave(true)}>
          Sign out on all my devices
        </button>
      </div>
    </dialog>
  )
}
