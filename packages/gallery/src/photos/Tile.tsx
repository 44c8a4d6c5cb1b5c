import type { Media } from '@tintype/protocol'
import { memo, useState } from 'react'
import { formatDuration } from '../format.ts'
import { PlayIcon } from '../icons.tsx'
import { Placeholder } from '../Placeholder.tsx'
import { useFreshUrl } from '../useFreshUrl.ts'

export interface TileProps {
  media: Media
  onOpen: (id: string) => void
  onRefresh: (id: string) => Promise<void>
}

export const Tile = memo(({ media, onOpen, onRefresh }: TileProps) => {
  const { id, kind, name, caption, width, height, duration, urls } = media
  const video = kind === 'video'
  const source = urls.thumb ?? (video ? undefined : urls.original)
  const [shown, setShown] = useState(false)
  const { broken, onError, onLoad } = useFreshUrl(id, source, onRefresh)
  // Panoramas and strips would fill a row alone or be too narrow: the viewer shows them whole.
  const ratio = Math.min(2, Math.max(0.6, width / height || 1))

  return (
    <li className="tile" style={{ '--ratio': ratio }}>
      <button
        type="button"
        id={tileId(id)}
        onClick={() => onOpen(id)}
        aria-label={label(media)}
        title={caption ?? name}
      >
        <Placeholder of={media} />
        {source && !broken && (
          <img
            src={source}
            alt=""
            width={width}
            height={height}
            loading="lazy"
            decoding="async"
            data-shown={shown}
            onLoad={() => {
              onLoad()
              setShown(true)
            }}
            onError={onError}
          />
        )}
        {(broken || !source) && <span className="tile-name">{name}</span>}
        {video && (
          <span className="badge">
            <PlayIcon />
            {duration !== undefined && formatDuration(duration)}
          </span>
        )}
      </button>
    </li>
  )
})

/** Moves the focus to a tile. Returns whether there is one. */
export function focusTile(id: string): boolean {
  const tile = document.getElementById(tileId(id))
  tile?.focus()
  return tile !== null
}

const tileId = (id: string) => `tile-${id}`

function label({ kind, name, caption, duration }: Media): string {
  const what = kind === 'video' ? 'Video' : 'Photo'
  const length = duration === undefined ? '' : `, ${formatDuration(duration)}`
  return caption ? `${what}: ${caption} (${name})${length}` : `${what}: ${name}${length}`
}
