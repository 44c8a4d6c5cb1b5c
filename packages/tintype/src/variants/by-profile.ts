import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import type { Pixels } from './shrink.ts'

/**
 * The pixels in sRGB, by the ICC profile that they come with. sharp takes a profile only as part of a picture, so they
 * are dressed as a PNG that isn't compressed.
 */
export async function byProfile(pixels: Pixels, profile: Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(asPng(pixels, profile)).raw().toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  return { data, width, height, channels }
}

const signature = Buffer.from('89504e470d0a1a0a', 'hex')
/** By the number of channels. */
const colourTypes = { 1: 0, 2: 4, 3: 2, 4: 6 }

function asPng({ data, width, height, channels }: Pixels, profile: Uint8Array): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  header[9] = colourTypes[channels]
  const row = width * channels
  const rows = Buffer.alloc((row + 1) * height)
  for (let y = 0; y < height; y++) rows.set(data.subarray(y * row, (y + 1) * row), y * (row + 1) + 1)
  return Buffer.concat([
    signature,
    ...chunk('IHDR', header),
    ...chunk('iCCP', Buffer.concat([Buffer.from('icc\0\0', 'latin1'), deflateSync(profile)])),
    ...chunk('IDAT', stored(rows)),
    ...chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Not compressed. In one piece: by zlib's usual pieces of 16 KB it takes six times as long. */
function stored(bytes: Buffer): Buffer {
  const headers = (bytes.length >> 9) + 1024
  return deflateSync(bytes, { level: 0, chunkSize: bytes.length + headers })
}

function chunk(type: string, data: Buffer): Buffer[] {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(data.length, 0)
  head.write(type, 4, 'latin1')
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(data, crc32(head.subarray(4))))
  return [head, data, checksum]
}
