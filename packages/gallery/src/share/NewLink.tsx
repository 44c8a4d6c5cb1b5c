import type { MadeShareLink, NewShareLink, ShareLinkKind } from '@tintype/protocol'
import { type FormEvent, useState } from 'react'
import { DropLimits, readLimits } from './DropLimits.tsx'
import { makeLink } from './links.ts'
import { spans } from './words.ts'

/** What a link may do, and until when. */
export function NewLink({ album, onMade }: { album: string; onMade: (made: MadeShareLink) => void }) {
  const [kind, setKind] = useState<ShareLinkKind>('view')
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (busy) return
    const form = new FormData(event.currentTarget)
    setBusy(true)
    setError(null)
    try {
      onMade(await makeLink(album, readLink(kind, form)))
    } catch (failure) {
      setError((failure as Error).message)
      setBusy(false)
    }
  }
  const choice = (value: ShareLinkKind, text: string, more: string) => (
    <label className="kind">
      <input
        type="radio"
        name="kind"
        value={value}
        checked={kind === value}
        onChange={() => setKind(value)}
      />
      <span>
        {text}
        <span className="soft">{more}</span>
      </span>
    </label>
  )
  return (
    <form className="panel-form" onSubmit={submit}>
      <fieldset>
        <legend>People with the link</legend>
        {choice('view', 'see the album', 'and change nothing')}
        {choice('drop', 'send photos into it', 'without an account, and see only their own')}
      </fieldset>
      {kind === 'view' ? (
        <fieldset key="view">
          <legend className="visually-hidden">More of the album</legend>
          <label className="check">
            <input type="checkbox" name="original" /> They can download the originals
          </label>
          <label className="check">
            <input type="checkbox" name="captions" /> They see captions
          </label>
        </fieldset>
      ) : (
        <DropLimits key="drop" maxFiles={50} />
      )}
      <label>
        The link ends
        {/* Another one for each kind, as is usual for it. */}
        <select
          key={kind}
          name="expiresIn"
          defaultValue={String(kind === 'drop' ? spans[1]?.seconds : spans[2]?.seconds)}
        >
          {spans.map(({ text, seconds }) => (
            <option key={text} value={String(seconds ?? '')}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <p className="error" role="alert">
        {error}
      </p>
      <div className="actions">
        <button type="submit" className="button primary" aria-disabled={busy}>
          Make the link
        </button>
      </div>
    </form>
  )
}

function readLink(kind: ShareLinkKind, form: FormData): NewShareLink {
  const number = (name: string) => {
    const given = Number(form.get(name) ?? '')
    return given > 0 ? { [name]: given } : {}
  }
  const end = number('expiresIn')
  if (kind === 'drop') return { kind, ...end, ...readLimits(form) }
  return { kind, ...end, original: form.has('original'), captions: form.has('captions') }
}
