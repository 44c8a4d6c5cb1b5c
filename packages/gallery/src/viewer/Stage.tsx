import type { Media } from '@tintype/protocol'
import { useState } from 'react'
import { Placeholder } from '../Placeholder.tsx'
import { useFreshUrl } from '../useFreshUrl.ts'
import { Video } from './Video.tsx'

interface StageProps {
  media: Media
  onRefresh: (id: string) => Promise<void>
}

/** The picture or video, over its placeholder until it is loaded. */
export function Stage(props: StageProps) {
  return props.media.kind === 'video' ? <Video {...props} /> : <Photo {...props} />
}

function Photo({ media, onRefresh }: StageProps) {
  const { id, name, caption, alt, width, height, urls } = media
  const [shown, setShown] = useState(false)
  const { broken, onError, onLoad } = useFreshUrl(id, urls.original, onRefresh)
  const loaded = () => {
    onLoad()
    setShown(true)
  }

  if (broken) {
    return (
      <p className="viewer-broken" role="alert">
        This photo can’t be shown here. It can still be downloaded.
      </p>
    )
  }
  return (
    <figure className="frame" style={{ '--ratio': width / height || 1 }} data-shown={shown}>
      <Placeholder of={media} />
      <img
        src={urls.original}
        alt={alt ?? caption ?? name}
        width={width}
        height={height}
        onLoad={loaded}
        onError={onError}
      />
    </figure>
  )
}
