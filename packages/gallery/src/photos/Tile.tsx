import { sizes } from '@tintype/client/images'
import { type Media, uprightSize } from '@tintype/protocol'
import { memo } from 'react'
import { formatDuration } from '../format.ts'
import { PlayIcon } from '../icons.tsx'
import { Placeholder } from '../Placeholder.tsx'
import { usePicture } from '../usePicture.ts'

export interface TileProps {
  media: Media
  onOpen: (id: string) => void
  onRefresh: (id: string) => Promise<void>
}

/** As in photos.css. */
const row = 'clamp(8rem, 24vw, 14rem)'
/** Tiles grow to fill their row, and Chromium takes a picture that is a little too small where that is the nearer one. */
const growth = 1.25

export const Tile = memo(({ media, onOpen, onRefresh }: TileProps) => {
  const { id, kind, name, caption, duration, urls } = media
  const video = kind === 'video'
  const ratio = ratioOf(media)
  const { image, shown } = usePicture(media, {
    source: urls.thumb,
    spare: urls.poster,
    sizes: sizes(media, { width: `${row} * ${ratio * growth}`, height: row, fit: 'cover' }),
    onRefresh,
  })

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
        {image ? (
          // Lazy before it has an address: React sets attributes in this order.
          <img loading="lazy" decoding="async" alt="" {...uprightSize(media)} data-shown={shown} {...image} />
        ) : (
          <span className="tile-name">{name}</span>
        )}
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

/** Panoramas and strips would fill a row alone or be too narrow: the viewer shows them whole. */
export function ratioOf(media: Media): number {
  const { width, height } = uprightSize(media)
  return Math.min(2, Math.max(0.6, width / height || 1))
}

/** Moves the focus to a tile. Returns whether there is one. */
export function focusTile(id: string): boolean {
  const tile = document.getElementById(tileId(id))
  tile?.focus()
  return tile !== null
}

/** The picture that a tile shows now: it needs not to be loaded again. */
export function shownThumb({ id }: Media): string | undefined {
  const image = document.getElementById(tileId(id))?.querySelector('img')
  return image?.complete && image.naturalWidth > 0 ? image.currentSrc : undefined
}

const tileId = (id: string) => `tile-${id}`

function label({ kind, name, caption, duration }: Media): string {
  const what = kind === 'video' ? 'Video' : 'Photo'
  const length = duration === undefined ? '' : `, ${formatDuration(duration)}`
  return caption ? `${what}: ${caption} (${name})${length}` : `${what}: ${name}${length}`
}
