import { type Media, maxAltLength, maxCaptionLength } from '@tintype/protocol'
import { type FormEvent, type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react'
import { library } from '../api.ts'
import { PencilIcon } from '../icons.tsx'

type State = { at: 'rest' | 'editing' | 'saving' | 'saved' } | { at: 'failed'; error: string }

/** The caption and the description of what is shown, edited in place: Enter saves, Escape discards the change. */
export function Caption({ media, onChanged }: { media: Media; onChanged: (media: Media) => void }) {
  const { caption, alt } = media
  const [state, setState] = useState<State>({ at: 'rest' })
  const editing = state.at === 'editing' || state.at === 'saving' || state.at === 'failed'
  const field = useRef<HTMLTextAreaElement>(null)
  const altField = useRef<HTMLTextAreaElement>(null)
  const editButton = useRef<HTMLButtonElement>(null)
  const wasEditing = useRef(false)

  // Before the next key is pressed.
  useLayoutEffect(() => {
    if (editing) field.current?.select()
    else if (wasEditing.current) editButton.current?.focus()
    wasEditing.current = editing
  }, [editing])

  const save = async (event?: FormEvent) => {
    event?.preventDefault()
    if (state.at === 'saving') return
    const text = field.current?.value.trim() || null
    const description = altField.current?.value.trim() || null
    setState({ at: 'saving' })
    try {
      if (text !== caption || description !== alt)
        onChanged(await library.change(media, { caption: text, alt: description }))
      setState({ at: 'saved' })
    } catch (error) {
      setState({ at: 'failed', error: (error as Error).message })
    }
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      // Otherwise the dialog would close.
      event.preventDefault()
      setState({ at: 'rest' })
    } else if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault()
      void save()
    }
  }

  return (
    <div className="caption">
      {editing ? (
        <form onSubmit={save}>
          <label htmlFor="caption">Caption</label>
          <textarea
            ref={field}
            id="caption"
            rows={3}
            dir="auto"
            maxLength={maxCaptionLength}
            defaultValue={caption ?? ''}
            readOnly={state.at === 'saving'}
            onKeyDown={onKeyDown}
          />
          <label htmlFor="alt">Description, for those who don’t see it</label>
          <textarea
            ref={altField}
            id="alt"
            rows={2}
            dir="auto"
            maxLength={maxAltLength}
            defaultValue={alt ?? ''}
            readOnly={state.at === 'saving'}
            onKeyDown={onKeyDown}
          />
          <div className="actions">
            <button type="submit" className="button primary">
              {state.at === 'saving' ? 'Saving…' : 'Save'}
            </button>
            <button type="button" className="button quiet" onClick={() => setState({ at: 'rest' })}>
              Cancel
            </button>
          </div>
        </form>
      ) : (
        <>
          {caption !== null && (
            <p className="caption-text" dir="auto">
              {caption}
            </p>
          )}
          <button
            ref={editButton}
            type="button"
            className="button quiet"
            onClick={() => setState({ at: 'editing' })}
          >
            <PencilIcon /> {caption === null ? 'Add a caption' : 'Edit caption'}
          </button>
        </>
      )}
      <p className="caption-state" role="status">
        {state.at === 'saved' && 'Saved'}
        {state.at === 'failed' && <span className="error">{state.error}</span>}
      </p>
    </div>
  )
}
