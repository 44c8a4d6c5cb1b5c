import { type ImageFormat, imageFormats, largestImageWidth } from '@tintype/protocol'
import Negotiator from 'negotiator'
import { TintypeError } from '../errors.ts'
import type { ApiRequest } from './exchange.ts'

export interface WantedImage {
  /** Pixels, as asked for: not yet one of the widths that are made. */
  width: number
  format: ImageFormat
  /** Whether the format is what `Accept` says, so that caches have to look at that. */
  isNegotiated: boolean
}

/**
 * What `?w=640&format=webp` asks for. Other parameters are left alone: pages add one of their own to get past a cache.
 *
 * @throws {TintypeError} `invalid_parameter`, with the widest as `limit`
 */
export function wantedImage({ query, headers }: Pick<ApiRequest, 'query' | 'headers'>): WantedImage {
  const all = new URLSearchParams(query)
  const width = widthIn(all.getAll('w'))
  const [format, ...more] = all.getAll('format')
  if (format === undefined) return { width, format: formatFor(headers.accept), isNegotiated: true }
  if (more.length > 0 || !isFormat(format)) {
    throw new TintypeError(
      'invalid_parameter',
      `format has to be one of ${imageFormats.join(', ')}; left out, it is what the browser takes.`,
    )
  }
  return { width, format, isNegotiated: false }
}

function widthIn([text = '', second]: string[]): number {
  const width = second === undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (width >= 1 && width <= largestImageWidth) return width
  throw new TintypeError(
    'invalid_parameter',
    `w has to be the width in pixels, a whole number from 1 to ${largestImageWidth}, such as w=640.`,
    { limit: largestImageWidth },
  )
}

const isFormat = (text: string): text is ImageFormat => imageFormats.some((one) => one === text)

/**
 * WebP for those that name it, JPEG for all others: a client that sends no more than a wildcard may know nothing newer. AVIF takes
 * several times as long to make as both, so it is for those that name nothing else. What accepts none of them gets JPEG
 * all the same, as RFC 9110 section 12.5.1 lets us.
 *
 * @example formatFor('image/avif,image/webp,image/*;q=0.8') // 'webp'
 */
export function formatFor(accept: string | undefined): ImageFormat {
  const accepted = new Negotiator({ headers: { accept } })
  const type = accepted.mediaType(['image/jpeg', 'image/webp']) ?? accepted.mediaType(['image/avif'])
  return type === 'image/webp' ? 'webp' : type === 'image/avif' ? 'avif' : 'jpeg'
}
