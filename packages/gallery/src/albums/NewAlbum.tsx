import { type Album, maxAlbumName } from '@tintype/protocol'
import { type FormEvent, useLayoutEffect, useRef, useState } from 'react'
import { Panel } from '../Panel.tsx'
import { createAlbum } from './albums.ts'

export interface NewAlbumProps {
  onClose: () => void
  onMade: (album: Album) => void
}

/** Asks for a name. */
export function NewAlbum({ onClose, onMade }: NewAlbumProps) {
  return (
    <Panel title="New album" onClose={onClose}>
      <AlbumNameForm button="Make the album" onName={async (name) => onMade(await createAlbum(name))} />
    </Panel>
  )
}

export interface AlbumNameFormProps {
  /** @default '' */
  name?: string
  button: string
  /** Rejects with a sentence for people. */
  onName: (name: string) => Promise<void>
  onCancel?: () => void
  /** Not where there is something else to choose before. @default true */
  takesFocus?: boolean
}

export function AlbumNameForm({
  name = '',
  button,
  onName,
  onCancel,
  takesFocus = true,
}: AlbumNameFormProps) {
  const field = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => {
    if (takesFocus) field.current?.select()
    if (takesFocus) field.current?.focus()
  }, [takesFocus])
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setError(null)
    try {
      await onName(field.current?.value ?? '')
    } catch (failure) {
      setError((failure as Error).message)
      field.current?.select()
    }
    setBusy(false)
  }
  return (
    <form className="album-form" onSubmit={submit}>
      <label>
        Name of the album
        <input
          name="album-name"
          defaultValue={name}
          maxLength={maxAlbumName}
          required
          autoComplete="off"
          ref={field}
          // biome-ignore lint/a11y/noAutofocus: of a dialog that asks for nothing else
          autoFocus={takesFocus}
          aria-invalid={error !== null}
          aria-describedby="album-error"
          onKeyDown={(event) => {
            if (event.key !== 'Escape' || !onCancel) return
            event.stopPropagation()
            onCancel()
          }}
        />
      </label>
      <p id="album-error" className="error" role="alert">
        {error}
      </p>
      <div className="actions">
        <button type="submit" className="button primary" aria-disabled={busy}>
          {button}
        </button>
        {onCancel && (
          <button type="button" className="button" onClick={onCancel}>
            Cancel
          </button>
        )}
      </div>
    </form>
  )
}
