import type { Media } from '@tintype/protocol'
import { type RefObject, useLayoutEffect, useRef, useState } from 'react'
import { library } from '../api.ts'
import { Confirm } from '../Confirm.tsx'
import { CloseIcon, FileIcon } from '../icons.tsx'
import '../styles/confirm.css'

export interface SentProps {
  media: readonly Media[]
  onGone: (id: string) => void
  /** Gets the focus when the last one is gone. */
  fallback: RefObject<HTMLElement | null>
}

/** What this visit has sent. It can be taken back. */
export function Sent({ media, onGone, fallback }: SentProps) {
  const [error, setError] = useState<string | null>(null)
  const [asked, setAsked] = useState<{ one: Media; place: number } | null>(null)
  const list = useRef<HTMLUListElement>(null)
  /** The place of the one that has just gone, with the focus. */
  const gone = useRef<number | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: when another list is in the page
  useLayoutEffect(() => {
    if (gone.current === null) return
    const buttons = list.current?.querySelectorAll('button') ?? []
    const next = buttons[Math.min(gone.current, buttons.length - 1)] ?? fallback.current
    next?.focus()
    gone.current = null
  }, [media, fallback])
  if (media.length === 0) return null
  const takeBack = async ({ one, place }: { one: Media; place: number }) => {
    setAsked(null)
    setError(null)
    try {
      await library.remove(one.id)
      gone.current = place
      onGone(one.id)
    } catch (failure) {
      setError((failure as Error).message)
    }
  }
  return (
    <section aria-labelledby="sent-title">
      <h2 id="sent-title">You have sent</h2>
      <p className="error" role="alert">
        {error}
      </p>
      <ul ref={list} className="sent">
        {media.map((one, place) => (
          <li key={one.id}>
            <Picture of={one} />
            <button
              type="button"
              className="button icon-only"
              aria-label={`Take ${one.name} back`}
              title="Take back"
              onClick={() => setAsked({ one, place })}
            >
              <CloseIcon />
            </button>
          </li>
        ))}
      </ul>
      {asked && (
        <Confirm
          title={`Take this ${asked.one.kind === 'video' ? 'video' : 'photo'} back?`}
          act="Take it back"
          onCancel={() => setAsked(null)}
          onConfirm={() => void takeBack(asked)}
        >
          <bdi>{asked.one.name}</bdi> leaves the album at once. To bring it back you would have to send it
          again.
        </Confirm>
      )}
    </section>
  )
}

function Picture({ of: { urls, name, placeholder } }: { of: Media }) {
  const [isBroken, setBroken] = useState(false)
  const source = urls.thumb ?? urls.poster ?? urls.view ?? placeholder
  if (!source || isBroken)
    return (
      <span className="sent-file">
        <FileIcon />
        <bdi>{name}</bdi>
      </span>
    )
  return <img src={source} alt={name} loading="lazy" decoding="async" onError={() => setBroken(true)} />
}
