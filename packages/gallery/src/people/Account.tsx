import { useState } from 'react'
import { SignOutIcon } from '../icons.tsx'
import { Panel } from '../Panel.tsx'

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
  const [error, setError] = useState<string | null>(null)
  const leave = (everywhere: boolean) =>
    onSignOut(everywhere).catch((failure: Error) => setError(failure.message))
  const title = (
    <>
      Signed in as <bdi>{name}</bdi>
    </>
  )
  return (
    <Panel title={title} onClose={onClose}>
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
    </Panel>
  )
}
