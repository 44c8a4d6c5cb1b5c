import type { MadePersonToken, PersonToken } from '@tintype/protocol'
import { type FormEvent, useEffect, useState } from 'react'
import { CopyField } from '../CopyField.tsx'
import '../styles/panel.css'
import { listTokens, makeToken, revokeToken } from './account-api.ts'
import { OwnedRow } from './OwnedRow.tsx'

/** What programs of this person send: a new one, and those that were made. */
export function Tokens() {
  const [tokens, setTokens] = useState<readonly PersonToken[]>([])
  const [made, setMade] = useState<MadePersonToken | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    listTokens().then(setTokens, (failure: Error) => setError(failure.message))
  }, [])

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (busy) return
    const name = String(new FormData(event.currentTarget).get('name') ?? '')
    setBusy(true)
    setError(null)
    try {
      const now = await makeToken(name)
      setMade(now)
      setTokens((before) => [...before, now.token])
    } catch (failure) {
      setError((failure as Error).message)
    }
    setBusy(false)
  }
  if (made)
    return (
      <div className="panel-form">
        <CopyField label={`The token ${made.token.name}`} value={made.secret} copy="Copy token">
          <button type="button" className="button quiet" onClick={() => setMade(null)}>
            Done
          </button>
        </CopyField>
        <p className="soft">
          Programs send it as <code>Authorization: Bearer {made.secret.slice(0, 11)}…</code> It is shown only
          now: the server does not keep it. If it is lost, end it and make another.
        </p>
      </div>
    )
  return (
    <>
      <form className="panel-form" onSubmit={submit}>
        <p>
          A program that has a token, such as Shortcuts or curl, may do with your photos and albums what you
          may.
        </p>
        <label>
          What it is for
          <input name="name" maxLength={60} required autoComplete="off" />
        </label>
        <p className="error" role="alert">
          {error}
        </p>
        <div className="actions">
          <button type="submit" className="button primary" aria-disabled={busy}>
            Make a token
          </button>
        </div>
      </form>
      {tokens.length > 0 && (
        <section className="panel-list" aria-labelledby="tokens-title">
          <h3 id="tokens-title">Your tokens</h3>
          <ul>
            {tokens.map(({ id, name, createdAt, usedAt }) => (
              <OwnedRow
                key={id}
                name={name}
                createdAt={createdAt}
                usedAt={usedAt}
                consequence="It ends at once: programs that send it are refused. What they have sent stays."
                onRemove={async () => {
                  await revokeToken(id)
                  setTokens((before) => before.filter((one) => one.id !== id))
                }}
              />
            ))}
          </ul>
        </section>
      )}
    </>
  )
}
