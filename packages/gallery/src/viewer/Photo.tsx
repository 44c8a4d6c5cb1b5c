import { type Media, uprightSize } from '@tintype/protocol'
import { useEffect, useRef, useState } from 'react'
import { Placeholder } from './Placeholder.tsx'
import { originalOf, screenSizes } from './sources.ts'
import { useFreshUrl } from './useFreshUrl.ts'
import { usePicture } from './usePicture.ts'
import { isBeyond } from './zoom.ts'

export interface PhotoProps {
  media: Media
  /** A small picture of it that this page has shown already. */
  thumb: string | undefined
  isCurrent: boolean
  /** The details stand beside it. */
  isBeside: boolean
  /** How many times it is enlarged. */
  scale: number
  onRefresh: (id: string) => Promise<void>
  /** It is as sharp as the screen. */
  onSharp: () => void
}

/**
 * A photo as large as the stage: over its small picture until it is loaded, and below the original once one has zoomed so far that
 * this shows more. Pictures that move are the original from the start: all others stand still.
 */
export function Photo({ media, thumb, isCurrent, isBeside, scale, onRefresh, onSharp }: PhotoProps) {
  const { name, caption, alt, urls } = media
  const moves = media.features?.includes('animated')
  const { width, height } = moves ? media : uprightSize(media)
  const small = thumb ?? urls.thumb
  const { image, shown } = usePicture(media, {
    source: moves ? urls.original : urls.view,
    spare: moves ? (urls.view ?? urls.thumb) : urls.thumb,
    sizes: moves ? undefined : screenSizes(media, isBeside),
    onRefresh,
  })
  const frame = useRef<HTMLElement>(null)
  const picture = useRef<HTMLImageElement>(null)
  const [isNear, setNear] = useState(false)
  const original = moves ? undefined : originalOf(media)

  useEffect(() => {
    if (shown) onSharp()
  }, [shown, onSharp])
  useEffect(() => {
    const { currentSrc = '', naturalWidth = 0 } = picture.current ?? {}
    // With a `srcset` the natural width is that of the place, not of the file.
    const pixels = Number(/[?&]w=(\d+)/.exec(currentSrc)?.[1] ?? (naturalWidth || width))
    if (isBeyond(pixels, frame.current?.offsetWidth ?? 0, scale, devicePixelRatio)) setNear(true)
  }, [scale, width])

  const words = alt ?? caption ?? name
  return (
    <figure
      ref={frame}
      className="frame"
      style={{ '--ratio': width / height || 1, '--width': `${width}px` } as object}
      data-shown={shown}
      aria-label={image ? undefined : words}
    >
      <Placeholder of={media} />
      {small !== undefined && !shown && <img className="under" src={small} alt="" />}
      {image ? (
        <img ref={picture} alt={words} width={width} height={height} draggable={false} {...image} />
      ) : (
        <figcaption className="viewer-note" role="alert">
          {navigator.onLine
            ? 'This photo can’t be shown here. It can still be downloaded.'
            : 'There is no connection: this is all that was loaded. The rest follows by itself.'}
        </figcaption>
      )}
      {isNear && isCurrent && original !== undefined && (
        <Original id={media.id} src={original} onRefresh={onRefresh} />
      )}
    </figure>
  )
}

interface OriginalProps extends Pick<PhotoProps, 'onRefresh'> {
  id: string
  src: string
}

/** Over the picture, once all of it is there: what is seen never gets worse. Asked for again when there is a connection again. */
function Original({ id, src, onRefresh }: OriginalProps) {
  const [shown, setShown] = useState(false)
  const [attempt, setAttempt] = useState(0)
  const { broken, onError, onLoad } = useFreshUrl(id, src, onRefresh)
  useEffect(() => {
    if (!broken || shown) return
    const again = () => setAttempt((n) => n + 1)
    window.addEventListener('online', again)
    return () => window.removeEventListener('online', again)
  }, [broken, shown])
  return (
    <img
      key={attempt}
      className="original"
      src={src}
      alt=""
      decoding="async"
      draggable={false}
      data-shown={shown}
      onError={onError}
      onLoad={() => {
        onLoad()
        setShown(true)
      }}
    />
  )
}
