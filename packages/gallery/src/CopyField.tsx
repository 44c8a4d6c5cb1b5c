import { type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import { CheckIcon, LinkIcon } from './icons.tsx'

export interface CopyFieldProps {
  label: ReactNode
  value: string
  /** On the button. */
  copy: string
  /** Beside it. */
  children?: ReactNode
}

/** Something that was made just now, to be taken elsewhere. */
export function CopyField({ label, value, copy, children }: CopyFieldProps) {
  const [news, setNews] = useState('')
  const button = useRef<HTMLButtonElement>(null)
  const field = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => button.current?.focus(), [])

  const write = async () => {
    try {
      await navigator.clipboard.writeText(value)
      setNews('Copied.')
    } catch {
      // Pages on plain HTTP have no clipboard.
      field.current?.select()
      setNews('This browser does not let a page copy. It is selected: copy it by hand.')
    }
  }
  return (
    <>
      <label>
        {label}
        <input ref={field} readOnly value={value} onFocus={({ currentTarget }) => currentTarget.select()} />
      </label>
      <div className="actions">
        <button ref={button} type="button" className="button primary" onClick={() => void write()}>
          {news === 'Copied.' ? <CheckIcon /> : <LinkIcon />} {copy}
        </button>
        {children}
      </div>
      <p role="status">{news}</p>
    </>
  )
}
