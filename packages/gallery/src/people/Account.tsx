import { useState } from 'react'
import { Later } from '../Later.tsx'
import type { SessionGate } from '../useSession.ts'

export interface AccountProps {
  name: string
  onSignOut: SessionGate['signOut']
}

const loadDialog = () => import('./AccountDialog.tsx')

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
      {isOpen && (
        <Later part={loadDialog} what="Your account">
          {({ AccountDialog }) => (
            <AccountDialog name={name} onSignOut={onSignOut} onClose={() => setOpen(false)} />
          )}
        </Later>
      )}
    </>
  )
}
