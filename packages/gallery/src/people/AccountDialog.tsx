import { type ComponentType, useState } from 'react'
import { SignOutIcon } from '../icons.tsx'
import { load } from '../load.ts'
import { Panel } from '../Panel.tsx'
import type { SessionGate } from '../useSession.ts'

export interface AccountDialogProps {
  name: string
  onSignOut: SessionGate['signOut']
  onClose: () => void
}

/** What is loaded when it is asked for. */
interface Part {
  title: string
  Content: ComponentType<{ name: string }>
}

const loadPassword = async (): Promise<Part> => ({
  title: 'Change your password',
  Content: (await import('./Password.tsx')).Password,
})

const loadPasskeys = async (): Promise<Part> => ({
  title: 'Passkeys',
  Content: (await import('./Passkeys.tsx')).Passkeys,
})

const loadTokens = async (): Promise<Part> => ({
  title: 'Tokens for programs',
  Content: (await import('./Tokens.tsx')).Tokens,
})

/** What one can do with the account that one is signed in with. */
export function AccountDialog({ name, onSignOut, onClose }: AccountDialogProps) {
  const [part, setPart] = useState<Part | null>(null)
  const [withPrograms, setWithPrograms] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const leave: SessionGate['signOut'] = (scope) =>
    onSignOut(scope).catch((failure: Error) => setError(failure.message))
  const open = (part: () => Promise<Part>) =>
    load(part()).then(setPart, (failure: Error) => setError(failure.message))
  if (part)
    return (
      <Panel key={part.title} title={part.title} onClose={onClose}>
        <part.Content name={name} />
      </Panel>
    )
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
        <button type="button" className="button" onClick={() => void open(loadPasskeys)}>
          Passkeys
        </button>
        <button type="button" className="button" onClick={() => void open(loadTokens)}>
          Tokens for programs
        </button>
        <button type="button" className="button" onClick={() => void open(loadPassword)}>
          Change your password
        </button>
        <button type="button" className="button" onClick={() => void leave()}>
          <SignOutIcon /> Sign out
        </button>
        <button
          type="button"
          className="button quiet"
          onClick={() => void leave(withPrograms ? 'everywhere and programs' : 'everywhere')}
        >
          Sign out on all my devices
        </button>
        <label className="soft check-line">
          <input
            type="checkbox"
            checked={withPrograms}
            onChange={({ currentTarget }) => setWithPrograms(currentTarget.checked)}
          />{' '}
          and end the tokens of my programs
        </label>
      </div>
    </Panel>
  )
}
