import type { NarrowedShareLink, ShareLink } from '@tintype/protocol'
import { type FormEvent, useRef, useState } from 'react'
import { DropLimits, readLimits } from './DropLimits.tsx'
import { narrowLink, revokeLink } from './links.ts'
import { abilityOf, earlierSpans, endOf, useOf } from './words.ts'

export interface LinkRowProps {
  album: string
  link: ShareLink
  onChanged: (link: ShareLink) => void
  onRevoked: (id: string) => void
}

/** A link that was made before: what it allows, until when, how much was used. It can be narrowed, and ended. */
export function LinkRow({ album, link, onChanged, onRevoked }: LinkRowProps) {
  const { id, createdAt } = link
  const [mode, setMode] = useState<'shown' | 'narrow' | 'revoke'>('shown')
  const [error, setError] = useState<string | null>(null)
  /** From where the row came back to its buttons: the one that led there gets the focus again. */
  const back = useRef<'narrow' | 'revoke' | null>(null)
  const focusAfter = (from: 'narrow' | 'revoke') => (button: HTMLButtonElement | null) => {
    if (button === null || back.current !== from) return
    back.current = null
    button.focus()
  }
  const rest = () => {
    if (mode !== 'shown') back.current = mode
    setMode('shown')
  }
  const now = Date.now()
  const hasEnded = link.expiresAt !== null && Date.parse(link.expiresAt) <= now
  const made = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' }).format(new Date(createdAt))
  const attempt = async (does: () => Promise<void>) => {
    setError(null)
    try {
      await does()
    } catch (failure) {
      setError((failure as Error).message)
    }
  }
  const revoke = () =>
    attempt(async () => {
      await revokeLink(album, id)
      onRevoked(id)
    })
  const narrow = (change: NarrowedShareLink) =>
    attempt(async () => {
      if (Object.keys(change).length > 0) onChanged(await narrowLink(album, id, change))
      rest()
    })

  return (
    <li className="panel-row">
      <p>
        <strong>{abilityOf(link)}</strong>
      </p>
      <p className="soft">
        {[endOf(link.expiresAt, now), useOf(link), `made on ${made}`]
          .filter((text) => text !== '')
          .join(' · ')}
      </p>
      {mode === 'narrow' && <Narrow link={link} now={now} onNarrow={narrow} onCancel={rest} />}
      {mode === 'revoke' && (
        <>
          <p>
            It ends at once, for everybody who has it.{link.kind === 'drop' && ' What they have sent stays.'}
          </p>
          <div className="actions">
            <button type="button" className="button danger solid" onClick={() => void revoke()}>
              End it now
            </button>
            <button ref={focus} type="button" className="button" onClick={rest}>
              Keep it
            </button>
          </div>
        </>
      )}
      {mode === 'shown' && (
        <div className="actions">
          {!hasEnded && (
            <button
              ref={focusAfter('narrow')}
              type="button"
              className="button"
              onClick={() => setMode('narrow')}
            >
              Allow less
            </button>
          )}
          <button
            ref={focusAfter('revoke')}
            type="button"
            className="button quiet danger"
            onClick={() => (hasEnded ? void revoke() : setMode('revoke'))}
          >
            {hasEnded ? 'Remove from this list' : 'End it'}
          </button>
        </div>
      )}
      <p className="error" role="alert">
        {error}
      </p>
    </li>
  )
}

/** The same function each time: called when the button comes, and not whenever it is drawn. */
const focus = (button: HTMLButtonElement | null) => button?.focus()

interface NarrowProps {
  link: ShareLink
  now: number
  onNarrow: (change: NarrowedShareLink) => void
  onCancel: () => void
}

/** A link is only ever narrowed: those who have it are never shown more than was meant. */
function Narrow({ link, now, onNarrow, onCancel }: NarrowProps) {
  const { kind, original, captions, maxFiles, maxBytes } = link
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const less = readLimits(form)
    if (less.maxFiles === maxFiles) delete less.maxFiles
    if (less.maxBytes === maxBytes) delete less.maxBytes
    const end = Number(form.get('expiresIn') ?? '')
    onNarrow({
      ...(original && !form.has('original') ? { original: false } : {}),
      ...(captions && !form.has('captions') ? { captions: false } : {}),
      ...less,
      ...(end > 0 ? { expiresIn: end } : {}),
    })
  }
  return (
    <form className="panel-form" onSubmit={submit}>
      {original && (
        <label className="check">
          <input type="checkbox" name="original" defaultChecked /> They can download the originals
        </label>
      )}
      {captions && (
        <label className="check">
          <input type="checkbox" name="captions" defaultChecked /> They see captions
        </label>
      )}
      {kind === 'drop' && <DropLimits maxFiles={maxFiles} maxBytes={maxBytes} narrows={link} />}
      <label>
        The link ends
        <select name="expiresIn" defaultValue="">
          <option value="">as it does now</option>
          {earlierSpans(link.expiresAt, now).map(({ text, seconds }) => (
            <option key={text} value={String(seconds)}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <div className="actions">
        <button type="submit" className="button primary">
          Save
        </button>
        <button type="button" className="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  )
}
