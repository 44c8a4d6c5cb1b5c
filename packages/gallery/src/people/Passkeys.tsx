import type { Passkey } from '@tintype/protocol'
import { type FormEvent, useEffect, useState } from 'react'
import '../styles/panel.css'
import { listPasskeys, removePasskey } from './account-api.ts'
import { OwnedRow } from './OwnedRow.tsx'
import { whyNoPasskeys } from './passkey-support.ts'
import { addPasskey } from './passkeys.ts'

/** The devices by which this person signs in: another, and those that there are. */
export function Passkeys() {
  const [passkeys, setPasskeys] = useState<readonly Passkey[]>([])
  const [error, setError] = useState<string | null>(null)
  const [news, setNews] = useState('')
  const [busy, setBusy] = useState(false)
  const why = whyNoPasskeys()
  useEffect(() => {
    listPasskeys().then(setPasskeys, (failure: Error) => setError(failure.message))
  }, [])

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (busy) return
    const name = String(new FormData(event.currentTarget).get('name') ?? '')
    setBusy(true)
    setError(null)
    setNews('')
    try {
      const added = await addPasskey(name)
      setPasskeys((before) => [...before, added])
      setNews('Added. From now on it signs you in.')
    } catch (failure) {
      setError((failure as Error).message)
    }
    setBusy(false)
  }
  return (
    <>
      <form className="panel-form" onSubmit={submit}>
        <p>Sign in by finger, face or PIN of a device, without name and password.</p>
        {why === null ? (
          <>
            <label>
              A name for it
              <input name="name" maxLength={60} required autoComplete="off" defaultValue={deviceName()} />
            </label>
            <div className="actions">
              <button type="submit" className="button primary" aria-disabled={busy}>
                {busy ? 'Follow your device…' : 'Add a passkey'}
              </button>
            </div>
          </>
        ) : (
          <p>{why}</p>
        )}
        <p className="error" role="alert">
          {error}
        </p>
        <p role="status">{news}</p>
      </form>
      {passkeys.length > 0 && (
        <section className="panel-list" aria-labelledby="passkeys-title">
          <h3 id="passkeys-title">Your passkeys</h3>
          <ul>
            {passkeys.map(({ id, name, host, createdAt, usedAt }) => (
              <OwnedRow
                key={id}
                name={host === location.hostname ? name : `${name} (for ${host})`}
                createdAt={createdAt}
                usedAt={usedAt}
                consequence="It signs nobody in any more. Delete it in the device as well, which can’t know of it."
                onRemove={async () => {
                  await removePasskey(id)
                  setPasskeys((before) => before.filter((one) => one.id !== id))
                }}
              />
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

/** What people call the thing before them, as far as the browser tells. */
function deviceName(): string {
  const known = /iPhone|iPad|Android|Windows|Mac|CrOS|Linux/.exec(navigator.userAgent)?.[0]
  return known === 'CrOS' ? 'Chromebook' : (known ?? '')
}
