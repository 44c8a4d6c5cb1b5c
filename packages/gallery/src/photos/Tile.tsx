import type { TintypeImage } from '@tintype/client/element/image'
import '@tintype/client/element/image'
import type { Media } from '@tintype/protocol'
import { type MouseEvent, memo, type PointerEvent, useState } from 'react'
import { endpoint } from '../api.ts'
import { formatDuration } from '../format.ts'
import { CheckIcon, PlayIcon } from '../icons.tsx'
import type { Day } from './outline.ts'

export interface TileProps {
  /** Undefined: it is not loaded yet. */
  media: Media | undefined
  index: number
  left: number
  top: number
  width: number
  height: number
  /** Tab leads to it: to one of the grid. */
  isStop: boolean
  isSelected: boolean
  /** A press selects instead of opening. */
  isSelecting: boolean
  hands: TileHands
}

/** The same in every render. */
export interface TileHands {
  press(index: number, event: MouseEvent): void
  toggle(index: number, event: MouseEvent): void
  /** Selects all photos of a day, or none of them. */
  day(day: Day, isSelected: boolean): void
  focus(index: number): void
  touch(index: number, event: PointerEvent): void
  refresh(id: string): Promise<void>
}

/** One photo or video in its place, whose size is known before anything of it is loaded. */
export const Tile = memo((props: TileProps) => {
  const { media, left, top, width, height } = props
  const style = {
    transform: `translate(${left}px, ${top}px)`,
    width: `${width}px`,
    height: `${height}px`,
  }
  return (
    <li className="tile" style={style} data-selected={props.isSelected}>
      {media && <Loaded {...props} media={media} />}
    </li>
  )
})

function Loaded(props: TileProps & { media: Media }) {
  const { media, index, width, isStop, isSelected, isSelecting, hands } = props
  const { id, kind, name, caption, duration } = media
  const [isUnseen, setUnseen] = useState(false)
  const words = label(media)
  return (
    <>
      <button
        type="button"
        id={tileId(id)}
        className="tile-open"
        tabIndex={isStop ? 0 : -1}
        aria-label={words}
        aria-pressed={isSelecting ? isSelected : undefined}
        title={caption ?? name}
        data-index={index}
        onClick={(event) => hands.press(index, event)}
        onFocus={() => hands.focus(index)}
        onPointerDown={(event) => hands.touch(index, event)}
      >
        <tintype-image
          media={media}
          endpoint={endpoint}
          width={`${Math.ceil(width)}px`}
          alt=""
          loading="eager"
          onstale={() => hands.refresh(id).catch(() => {})}
          onload={() => setUnseen(false)}
          onerror={() => setUnseen(true)}
        />
        {isUnseen && <span className="tile-name">{name}</span>}
        {kind === 'video' && (
          <span className="badge">
            <PlayIcon />
            {duration !== undefined && formatDuration(duration)}
          </span>
        )}
      </button>
      {/* biome-ignore lint/a11y/useSemanticElements: it has to know whether Shift was held, and to be drawn */}
      <button
        type="button"
        className="tile-check"
        role="checkbox"
        aria-checked={isSelected}
        aria-label={`Select ${words}`}
        tabIndex={isStop ? 0 : -1}
        onClick={(event) => hands.toggle(index, event)}
      >
        <CheckIcon />
      </button>
    </>
  )
}

/** Moves the focus to a tile. Returns whether there is one. */
export function focusTile(id: string): boolean {
  const tile = document.getElementById(tileId(id))
  tile?.focus({ preventScroll: true })
  return tile !== null
}

/** The picture that a tile shows now: it needs not to be loaded again. */
export function shownThumb({ id }: Media): string | undefined {
  const image = document.getElementById(tileId(id))?.querySelector<TintypeImage>('tintype-image')
  return image?.complete ? image.currentSrc : undefined
}

const tileId = (id: string) => `tile-${id}`

function label({ kind, name, caption, duration }: Media): string {
  const what = kind === 'video' ? 'Video' : 'Photo'
  const length = duration === undefined ? '' : `, ${formatDuration(duration)}`
  return caption ? `${what}: ${caption} (${name})${length}` : `${what}: ${name}${length}`
}
