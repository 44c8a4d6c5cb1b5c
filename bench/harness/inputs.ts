import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { phonePhoto } from '../../test/media/heif.ts'

/** A file to send: in memory, or a beginning that is followed by zeros. */
export interface Input {
  name: string
  type: string
  head: Buffer
  /** Bytes in all. */
  size: number
}

/** A JPEG as a camera makes it: soft shapes with fine grain; as much grain as makes it `bytes` large, to a percent. */
export async function photo(width: number, height: number, bytes: number): Promise<Input> {
  const shapes = sharp(randomBytes(24 * 18 * 3), { raw: { width: 24, height: 18, channels: 3 } })
  const soft = await shapes.resize(width, height, { kernel: 'cubic', fit: 'fill' }).raw().toBuffer()
  // An odd length, so that the grain does not line up from row to row.
  const grain = randomBytes(1_000_003)
  const pixels = Buffer.alloc(soft.length)
  let jpeg = Buffer.alloc(0)
  for (let low = 0, high = 1; Math.abs(jpeg.length - bytes) > bytes / 100 && high - low > 1e-4; ) {
    const strength = (low + high) / 2
    for (let i = 0; i < pixels.length; i++) {
      const value = (soft[i] as number) * 0.75 + 32 + ((grain[i % grain.length] as number) - 128) * strength
      pixels[i] = value < 0 ? 0 : value > 255 ? 255 : value
    }
    jpeg = await sharp(pixels, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 88 })
      .toBuffer()
    if (jpeg.length < bytes) low = strength
    else high = strength
  }
  return { name: 'photo.jpg', type: 'image/jpeg', head: jpeg, size: jpeg.length }
}

/** A JPEG as large as phones of today write it: 50 megapixels and some 13 MB, soft shapes with grain of eight pixels. */
export async function largePhoto(): Promise<Input> {
  const shapes = sharp(randomBytes(1020 * 765 * 3), { raw: { width: 1020, height: 765, channels: 3 } })
  const head = await shapes.resize(8160, 6120).jpeg({ quality: 88 }).toBuffer()
  return { name: 'photo.jpg', type: 'image/jpeg', head, size: head.length }
}

/** A HEIC of 48 megapixels in tiles, as an iPhone writes it. */
export function phoneHeic(): Input {
  const head = phonePhoto()
  return { name: 'IMG_0001.HEIC', type: 'image/heic', head, size: head.length }
}

/** An MP4 whose index comes first, made as long as wanted by a box of free space at its end. */
export async function video(size: number): Promise<Input> {
  const clip = await readFile(new URL('../../test/media/files/index-first.mp4', import.meta.url))
  // A size of 1 announces a 64-bit one (ISO/IEC 14496-12, 4.2).
  const free = Buffer.alloc(16)
  free.writeUInt32BE(1, 0)
  free.write('free', 4, 'latin1')
  free.writeBigUInt64BE(BigInt(size - clip.length), 8)
  return { name: 'video.mp4', type: 'video/mp4', head: Buffer.concat([clip, free]), size }
}
