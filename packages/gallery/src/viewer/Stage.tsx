import type { Media } from '@tintype/protocol'
import { type SyntheticEvent, useState } from 'react'
import { Placeholder } from '../Placeholder.tsx'
import { useFreshUrl } from '../useFreshUrl.ts'

/** The picture or video, over its placeholder until it is loaded. */
export function Stage({ media, onRefresh }: { media: Media; onRefresh: (id: string) => Promise<void> }) {
  const { id, kind, name, caption, alt, width, height, urls } = media
  const [shown, setShown] = useState(false)
  const { broken, onError, onLoad } = useFreshUrl(id, urls.original, onRefresh)
  const [soundOnly, setSoundOnly] = useState(false)
  const loaded = () => {
    onLoad()
    setShown(true)
  }
  // A browser that supports the audio codec only plays the sound over black.
  const onMetadata = ({ currentTarget }: SyntheticEvent<HTMLVideoElement>) =>
    currentTarget.videoWidth > 0 ? loaded() : setSoundOnly(true)

  if (broken || soundOnly) {
    return (
      <p className="viewer-broken" role="alert">
        {soundOnly
          ? 'This browser can play the sound of this video, but not its picture.'
          : kind === 'video'
            ? 'This video can’t be played here.'
            : 'This photo can’t be shown here.'}{' '}
        It can still be downloaded.
      </p>
    )
  }
  return (
    <figure className="frame" style={{ '--ratio': width / height || 1 }} data-shown={shown}>
      <Placeholder of={media} />
      {kind === 'video' ? (
        // biome-ignore lint/a11y/useMediaCaption: people's own videos come without captions
        <video
          key={urls.original}
          src={urls.original}
          poster={urls.thumb}
          controls
          playsInline
          preload="metadata"
          width={width}
          height={height}
          aria-label={alt ?? caption ?? name}
          onLoadedMetadata={onMetadata}
          onError={onError}
        />
      ) : (
        <img
          src={urls.original}
          alt={alt ?? caption ?? name}
          width={width}
          height={height}
          onLoad={loaded}
          onError={onError}
        />
      )}
    </figure>
  )
}
