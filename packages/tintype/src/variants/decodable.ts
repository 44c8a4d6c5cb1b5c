import { crc32 } from 'node:zlib'

const endOfImage = Buffer.from([0xff, 0xd9])
const startOfScan = Buffer.from([0xff, 0xda])
const iend = Buffer.from('0000000049454e44ae426082', 'hex')

/**
 * The picture in a form that its decoder can read. Copies the bytes only if something is missing, and may write to them.
 *
 * - A JPEG or PNG may lack its end mark. With an end mark, decoders report only pictures that lack pixels; without it,
 *   they report all.
 * - libvips recognises AVIF by its major brand, but not by that of animated pictures: those are decoded as their still.
 */
export function decodable(bytes: Uint8Array): Uint8Array {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.length > 4 && view.readUInt16BE(0) === 0xffd8) return withEndOfImage(view)
  if (view.length > 33 && view.readUInt32BE(0) === 0x89504e47) return withEndOfChunks(view)
  if (view.length > 12 && view.toString('latin1', 4, 8) === 'ftyp') view.write('avif', 8)
  return bytes
}

function withEndOfImage(jpeg: Buffer): Buffer {
  const isEnded = jpeg.lastIndexOf(endOfImage) > jpeg.lastIndexOf(startOfScan)
  return isEnded ? jpeg : Buffer.concat([jpeg, endOfImage])
}

/** The last chunk may lack its checksum: all its data are there then, or the inspector would have refused the file. */
function withEndOfChunks(png: Buffer): Buffer {
  let at = 8
  while (isChunk(png, at)) {
    const end = at + 12 + png.readUInt32BE(at)
    if (end > png.length) break
    if (png.readUInt32BE(at + 4) === 0x49454e44) return png
    at = end
  }
  const size = isChunk(png, at) ? png.readUInt32BE(at) : 0
  const data = at + 8 + size
  if (size === 0 || data > png.length) return Buffer.concat([png.subarray(0, at), iend])
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(png.subarray(at + 4, data)))
  return Buffer.concat([png.subarray(0, data), checksum, iend])
}

/** Chunk types are letters: anything else, such as zeros, stands in the place of the end chunk. */
function isChunk(png: Buffer, at: number): boolean {
  return at + 8 <= png.length && /^[A-Za-z]{4}$/.test(png.toString('latin1', at + 4, at + 8))
}
