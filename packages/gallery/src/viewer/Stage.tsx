import type { Media } from '@tintype/protocol'
import { Photo } from './Photo.tsx'
import { Video } from './Video.tsx'

interface StageProps {
  media: Media
  onRefresh: (id: string) => Promise<void>
}

/** The picture or video, over its placeholder until it is loaded. */
export function Stage(props: StageProps) {
  return props.media.kind === 'video' ? <Video {...props} /> : <Photo {...props} />
}
