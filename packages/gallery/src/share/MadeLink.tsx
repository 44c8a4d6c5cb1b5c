import type { MadeShareLink } from '@tintype/protocol'
import { useLayoutEffect, useRef, useState } from 'react'
import { CheckIcon, LinkIcon, ShareIcon } from '../icons.tsx'
import { QrCode } from './QrCode.tsx'
import { abilityOf, endOf } from './words.ts'

export interface MadeLinkProps {
  made: MadeShareLink
  albumName: string
  onBack: () => void
}

/** A link that was made just now: the only time at which it can be had. */
export function MadeLink({ made: { link, url }, albumName, onBack }: MadeLinkProps) {
  const [news, setNews] = useState('')
  const copyButton = useRef<HTMLButtonElement>(null)
  const field = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => copyButton.current?.focus(), [])

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(url)
      setNews('Copied.')
    } catch {
      // Pages on plain HTTP have no clipboard.
      field.current?.select()
      setNews('This browser does not let a page copy. The link is selected: copy it by hand.')
    }
  }
  const share = () => navigator.share({ url, title: albumName }).catch(() => {})
  return (
    <div className="made-link">
      <QrCode text={url} label="The link as a QR code" />
      <label>
        {abilityOf(link)}
        <input ref={field} readOnly value={url} onFocus={({ currentTarget }) => currentTarget.select()} />
      </label>
      <div className="actions">
        <button ref={copyButton} type="button" className="button primary" onClick={() => void copy()}>
          {news === 'Copied.' ? <CheckIcon /> : <LinkIcon />} Copy link
        </button>
        {'share' in navigator && (
          <button type="button" className="button" onClick={() => void share()}>
            <ShareIcon /> Send…
          </button>
        )}
        <button type="button" className="button quiet" onClick={onBack}>
          Done
        </button>
      </div>
      <p role="status">{news}</p>
      <p className="soft">
        {endOf(link.expiresAt, Date.now())}. Anybody who has the link can use it. It is shown only now: the
        server does not keep it. If it is lost, make another.
      </p>
    </div>
  )
}
