import type { KnownType } from '@tintype/protocol'
import type { Details } from './details.ts'
import { type Found, merge } from './found.ts'
import { readJpegDetails } from './jpeg-details.ts'
import { readPngDetails } from './png-details.ts'
import { readWebpDetails } from './webp-details.ts'

const readers: Partial<Record<KnownType, (bytes: Buffer) => Found[]>> = {
  'image/jpeg': readJpegDetails,
  'image/png': readPngDetails,
  'image/webp': readWebpDetails,
}

/**
 * When and with what a picture was made, and what else its file holds. In the main process: it walks what stands around
 * the pixels, in time that is bounded by that, and never throws for what it finds there.
 */
export function readDetails(type: KnownType, bytes: Buffer): Details {
  return merge(readers[type]?.(bytes) ?? [])
}
