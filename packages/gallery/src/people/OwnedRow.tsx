import { useRef, useState } from 'react'

export interface OwnedRowProps {
  name: string
  createdAt: string
  usedAt: string | null
  /** What comes of removing it, in a sentence. */
  consequence: string
  /** Rejects with a sentence for people. */
  onRemove: () => Promise<void>
}

const day = (time: string) =>
  new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' }).format(new Date(time))

/** Something by which one gets in: since when, when it was used last. It can be ended. */
export function OwnedRow({ name, createdAt, usedAt, consequence, onRemove }: OwnedRowProps) {
  const [isAsked, setAsked] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const isBack = useRef(false)
  const focus = (button: HTMLButtonElement | null) => button?.focus()
  const focusAgain = (button: HTMLButtonElement | null) => {
    if (isBack.current) focus(button)
  }
  const remove = () => onRemove().catch((failure: Error) => setError(failure.message))
  return (
    <li className="panel-row owned">
      <p>
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <span className="soft">
          made on {day(createdAt)} · {usedAt === null ? 'never used' : `last used on ${day(usedAt)}`}
        </span>
      </p>
      {isAsked ? (
        <div className="asked">
          <p>{consequence}</p>
          <div className="actions">
            <button type="button" className="button danger solid" onClick={() => void remove()}>
              End it now
            </button>
            <button
              ref={focus}
              type="button"
              className="button"
              onClick={() => {
                isBack.current = true
                setAsked(false)
              }}
            >
              Keep it
            </button>
          </div>
        </div>
      ) : (
        <button ref={focusAgain} type="button" className="button quiet danger" onClick={() => setAsked(true)}>
          End <span className="visually-hidden">{name}</span>
        </button>
      )}
      {error !== null && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
    </li>
  )
}
