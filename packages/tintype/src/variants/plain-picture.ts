import { plainAvifSize } from './plain-avif.ts'
import { plainJpegSize } from './plain-jpeg.ts'
import { plainWebpSize } from './plain-webp.ts'
import type { Size, VariantFormat } from './variant-spec.ts'

const readers: Record<VariantFormat, (bytes: Uint8Array) => Size | undefined> = {
  webp: plainWebpSize,
  jpeg: plainJpegSize,
  avif: plainAvifSize,
}

/**
 * The size of a picture of this format that is nothing else: no profile, no metadata, no bytes after it. Its pixels are not
 * decoded.
 *
 * @returns undefined when it is anything else
 */
export function plainSize(format: VariantFormat, bytes: Uint8Array): Size | undefined {
  return readers[format](bytes)
}
