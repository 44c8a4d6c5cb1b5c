import type { Media } from '@tintype/protocol'
import { type SyntheticEvent, useState } from 'react'
import { downloadUrl } from '../api.ts'
import { canPlay, codecTitle } from './codec.ts'
import { Placeholder } from './Placeholder.tsx'
import { useFreshUrl } from './useFreshUrl.ts'

interface VideoProps {
  media: Media
  /** Else its poster stands for it. */
  isCurrent: boolean
  onRefresh: (id: string) => Promise<void>
  /** It can be played. */
  onReady: () => void
}

/** A video over its poster; or the poster alone, and why the video can't be played in this browser. */
export function Video({ media, isCurrent, onRefresh, onReady }: VideoProps) {
  const { id, name, caption, alt, width, height, urls, codec } = media
  const [shown, setShown] = useState(false)
  const [soundOnly, setSoundOnly] = useState(false)
  const { broken, onError, onLoad } = useFreshUrl(id, urls.original, onRefresh)
  const poster = urls.poster ?? urls.thumb
  const label = alt ?? caption ?? name
  // A browser that supports the audio codec only plays the sound over black.
  const onMetadata = ({ currentTarget }: SyntheticEvent<HTMLVideoElement>) => {
    if (currentTarget.videoWidth === 0) return setSoundOnly(true)
    onLoad()
    setShown(true)
    onReady()
  }
  const isKnownNotTo = !canPlay(media)
  const isNot = isKnownNotTo || soundOnly || broken
  const isPosterAlone = isNot || !isCurrent

  return (
    <figure
      className="frame"
      style={{ '--ratio': width / height || 1, '--width': '100vw' } as object}
      data-shown={shown}
    >
      <Placeholder of={media} />
      {!isPosterAlone && (
        // biome-ignore lint/a11y/useMediaCaption: people's own videos come without captions
        <video
          key={urls.original}
          src={urls.original}
          poster={poster}
          controls
          playsInline
          preload="metadata"
          width={width}
          height={height}
          aria-label={label}
          onLoadedMetadata={onMetadata}
          onError={onError}
        />
      )}
      {isPosterAlone && poster && <img src={poster} alt={label} width={width} height={height} />}
      {isNot && isCurrent && (
        <figcaption className="viewer-note" role="alert">
          {soundOnly
            ? 'This browser can play the sound of this video, but not its picture.'
            : 'This browser can’t play this video.'}{' '}
          {codec !== undefined && (isKnownNotTo || soundOnly) && `It is coded as ${codecTitle(codec)}. `}
          <a href={downloadUrl(id)} download={name}>
            It can still be downloaded.
          </a>
        </figcaption>
      )}
    </figure>
  )
}
