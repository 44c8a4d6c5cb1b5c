import { sizes } from '@tintype/client/images'
import type { Media } from '@tintype/protocol'
import { Placeholder } from '../Placeholder.tsx'
import { usePicture } from '../usePicture.ts'

/**
 * A photo as large as the stage, over its placeholder until it is loaded. The original is left to "Download", but for
 * pictures that move: all others stand still.
 */
export function Photo({ media, onRefresh }: { media: Media; onRefresh: (id: string) => Promise<void> }) {
  const { name, caption, alt, width, height, urls } = media
  const moves = media.features?.includes('animated')
  const { image, shown } = usePicture(media, {
    source: moves ? urls.original : urls.view,
    spare: moves ? (urls.view ?? urls.thumb) : urls.thumb,
    sizes: moves ? undefined : stageSizes(media),
    onRefresh,
  })
  if (!image) {
    return (
      <p className="viewer-broken" role="alert">
        This photo can’t be shown here. It can still be downloaded.
      </p>
    )
  }
  return (
    <figure className="frame" style={{ '--ratio': width / height || 1 }} data-shown={shown}>
      <Placeholder of={media} />
      <img alt={alt ?? caption ?? name} width={width} height={height} {...image} />
    </figure>
  )
}

/** As in viewer.css: the details stand below the stage, or beside it. */
function stageSizes(media: Media): string {
  const below = sizes(media, { width: '100vw', height: '100vh' })
  const beside = sizes(media, { width: '100vw - 24rem', height: '(100vh - 2rem)' })
  return `(max-width: 52rem) ${below}, ${beside}`
}
