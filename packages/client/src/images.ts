/** For `<img srcset sizes>`. A page that shows pictures needs nothing else of the client. */
import {
  type ImageFormat,
  type ImageSize,
  imageWidthsOf,
  type Media,
  routes,
  uprightSize,
} from '@tintype/protocol'

export type { ImageFormat, ImageSize }

/** What is known of a media that is to be shown: as the server sends it. */
export type ShownMedia = Pick<Media, 'id' | 'kind' | 'sha256' | 'width' | 'height' | 'turned' | 'urls'>

/** Where the pictures come from. */
export interface SrcsetOptions {
  /** Where the API is mounted. Cookies go with it, tokens in headers don't: `<img>` sends none. @default '/api' */
  endpoint?: string
  /** @default what the browser takes: WebP, or JPEG for those that don't say that they know it */
  format?: ImageFormat
}

/**
 * All widths in which a photo can be had, for the attribute `srcset`: the browser takes the smallest that is sharp on its
 * screen. Never larger than the photo itself. Each is made once, when it is first asked for. Of a video they are its
 * poster's.
 *
 * @returns the attribute; empty for a video without a poster
 * @example
 * const image = document.createElement('img')
 * image.srcset = srcset(media, { endpoint: '/api' })
 * image.sizes = sizes(media, { width: '100vw', height: '80vh' })
 * image.src = media.urls.thumb ?? ''
 */
export function srcset(media: ShownMedia, { endpoint = '/api', format }: SrcsetOptions = {}): string {
  const { id, kind, sha256, urls } = media
  if (kind === 'video' && urls.poster === undefined) return ''
  // Caches keep where a URL leads for some minutes: it is another one when the media has been replaced.
  const version = `&v=${sha256.slice(0, 8)}`
  return imageWidthsOf(media)
    .map((width) => `${endpoint}${routes.mediaImage(id, { width, format })}${version} ${width}w`)
    .join(', ')
}

/** The place that a picture is shown in, as lengths of CSS, such as `100vw`, `20rem` or `calc(100vw - 2rem)`. */
export interface ImageBox {
  /** For instance `100vw`. */
  width: string
  /** @default as high as it gets */
  height?: string
  /** As `object-fit` says: `contain` shows all of the picture within the place, `cover` fills it. @default 'contain' */
  fit?: 'contain' | 'cover'
}

/**
 * How wide a picture is shown in a place, for the attribute `sizes`. Browsers ask for that before they know the page's
 * style, and it depends on the picture where its place has a height as well.
 *
 * @example
 * sizes({ width: 3000, height: 2000 }, { width: '100vw', height: '80vh' }) // 'min(100vw, 80vh * 1.5)'
 */
export function sizes(picture: ImageSize, { width, height, fit = 'contain' }: ImageBox): string {
  if (height === undefined) return width
  const upright = uprightSize(picture)
  const ratio = Number((upright.width / upright.height).toPrecision(4))
  return `${fit === 'cover' ? 'max' : 'min'}(${width}, ${height} * ${ratio})`
}
