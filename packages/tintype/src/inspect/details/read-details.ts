import type { KnownType } from '@tintype/protocol'
import { Damaged } from '../../metadata/damaged.ts'
import type { Details } from './details.ts'
import { type Found, merge } from './found.ts'
import { readHeifDetails } from './heif-details.ts'
import { readJpegDetails } from './jpeg-details.ts'
import { readJxlDetails } from './jxl-details.ts'
import { readPngDetails } from './png-details.ts'
import { readWebpDetails } from './webp-details.ts'

const readers: Partial<Record<KnownType, (bytes: Buffer) => Found[]>> = {
  'image/jpeg': readJpegDetails,
  'image/png': readPngDetails,
  'image/webp': readWebpDetails,
  'image/heic': readHeifDetails,
  'image/heif': readHeifDetails,
  'image/avif': readHeifDetails,
  'image/jxl': readJxlDetails,
}

/**
 * When and with what a picture was made, and what else its file holds. In the main process: it walks what stands around
 * the pixels, in time that is bounded by that, and never throws for what it finds there.
 */
export function readDetails(type: KnownType, bytes: Buffer): Details {
  try {
    return merge(readers[type]?.(bytes) ?? [])
  } catch (error) {
    // Boxes that contradict themselves, or end too early.
    if (error instanceof Damaged || error instanceof RangeError) return {}
    throw error
  }
}
