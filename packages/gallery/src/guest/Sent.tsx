import type { Media } from '@tintype/protocol'
import { useState } from 'react'
import { library } from '../api.ts'
import { CloseIcon, FileIcon } from '../icons.tsx'

/** What this visit has sent. It can be taken back. */
export function Sent({ media, onGone }: { media: readonly Media[]; onGone: (id: string) => void }) {
  const [error, setError] = useState<string | null>(null)
  if (media.length === 0) return null
  const takeBack = async (id: string) => {
    setError(null)
    try {
      await library.remove(id)
      onGone(id)
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
      <ul className="sent">
        {media.map((one) => (
          <li key={one.id}>
            <Picture of={one} />
            <button
              type="button"
              className="button icon-only"
              aria-label={`Take ${one.name} back`}
              title="Take back"
              onClick={() => void takeBack(one.id)}
            >
              <CloseIcon />
            </button>
          </li>
        ))}
      </ul>
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
