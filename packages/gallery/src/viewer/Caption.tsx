import { type Media, maxAltLength, maxCaptionLength } from '@tintype/protocol'
import { type FormEvent, type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { library } from '../api.ts'
import { PencilIcon } from '../icons.tsx'
import { type Draft, keepDraft, readDraft } from './drafts.ts'

type State = { at: 'rest' | 'editing' | 'saving' | 'saved' } | { at: 'failed'; error: string }

export interface CaptionProps {
  media: Media
  onChanged: (media: Media) => void
  /** Brings the photo as it is now, after somebody else has changed it. */
  onRefresh: (id: string) => Promise<void>
}

/**
 * The caption and the description of what is shown, edited in place: Enter saves, Escape discards the change. What was
 * written outlives a save that fails, another photo and a reload; saving is tried again when there is a connection.
 */
export function Caption({ media, onChanged, onRefresh }: CaptionProps) {
  const { id, caption, alt } = media
  const saved: Draft = { caption: caption ?? '', alt: alt ?? '' }
  const [draft, setDraft] = useState<Draft | null>(() => readDraft(id))
  const [state, setState] = useState<State>({ at: draft ? 'editing' : 'rest' })
  const isEditing = state.at === 'editing' || state.at === 'saving' || state.at === 'failed'
  const isLeftOver = useRef(draft !== null)
  const field = useRef<HTMLTextAreaElement>(null)
  const editButton = useRef<HTMLButtonElement>(null)
  const wasEditing = useRef(isEditing)

  // Before the next key is pressed.
  useLayoutEffect(() => {
    if (isEditing && !wasEditing.current) field.current?.select()
    else if (!isEditing && wasEditing.current) editButton.current?.focus()
    wasEditing.current = isEditing
  }, [isEditing])

  const text = draft ?? saved
  const write = (change: Partial<Draft>) => {
    const next = { ...text, ...change }
    setDraft(next)
    keepDraft(id, next)
  }
  const leave = (at: 'rest' | 'saved') => {
    keepDraft(id, null)
    setDraft(null)
    isLeftOver.current = false
    setState({ at })
  }
  const save = async () => {
    if (state.at === 'saving') return
    const about = { caption: text.caption.trim() || null, alt: text.alt.trim() || null }
    setState({ at: 'saving' })
    try {
      if (about.caption !== caption || about.alt !== alt) onChanged(await library.change(media, about))
      leave('saved')
    } catch (error) {
      setState({ at: 'failed', error: (error as Error).message })
      // Saving once more then replaces what somebody else has written, which one can see meanwhile.
      if ((error as { status?: number }).status === 412) onRefresh(id).catch(() => {})
    }
  }
  const saveNow = useRef(save)
  saveNow.current = save
  useEffect(() => {
    if (state.at !== 'failed') return
    const again = () => void saveNow.current()
    window.addEventListener('online', again)
    return () => window.removeEventListener('online', again)
  }, [state.at])

  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    void save()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      // Otherwise the dialog would close.
      event.preventDefault()
      event.stopPropagation()
      leave('rest')
    } else if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault()
      void save()
    }
  }
  const common = { dir: 'auto', readOnly: state.at === 'saving', onKeyDown } as const

  return (
    <div className="caption">
      {isEditing ? (
        <form onSubmit={onSubmit}>
          <label htmlFor="caption">Caption</label>
          <textarea
            {...common}
            ref={field}
            id="caption"
            rows={3}
            maxLength={maxCaptionLength}
            value={text.caption}
            onChange={({ currentTarget }) => write({ caption: currentTarget.value })}
          />
          <label htmlFor="alt">Description, for those who don’t see it</label>
          <textarea
            {...common}
            id="alt"
            rows={2}
            maxLength={maxAltLength}
            value={text.alt}
            onChange={({ currentTarget }) => write({ alt: currentTarget.value })}
          />
          <div className="actions">
            <button type="submit" className="button primary">
              {state.at === 'saving' ? 'Saving…' : 'Save'}
            </button>
            <button type="button" className="button quiet" onClick={() => leave('rest')}>
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
        {state.at === 'editing' && isLeftOver.current && 'You had not saved this yet.'}
        {state.at === 'failed' && (
          <span className="error">{state.error} What you have written is kept here.</span>
        )}
      </p>
    </div>
  )
}
