import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

const clip = new URL('../media/files/index-first.mp4', import.meta.url)
const mebibyte = 1024 ** 2

/**
 * Writes a sound MP4 of exactly this size: a clip, and a `free` box that players skip (ISO/IEC 14496-12,
 * 8.1.2). Each mebibyte begins with its number, so that no two parts are alike; the rest is a hole on the disk.
 */
export async function writeVideo(path: string, bytes: number, seed = 1): Promise<void> {
  const video = await readFile(clip)
  const box = Buffer.alloc(16)
  box.writeUInt32BE(1, 0)
  box.write('free', 4)
  box.writeBigUInt64BE(BigInt(bytes - video.length), 8)
  const file = await open(path, 'w')
  try {
    await file.write(Buffer.concat([video, box]))
    for (let at = mebibyte; at + 8 < bytes; at += mebibyte) {
      const mark = Buffer.alloc(8)
      mark.writeUInt32BE(seed, 0)
      mark.writeUInt32BE(at / mebibyte, 4)
      await file.write(mark, 0, 8, at)
    }
    await file.truncate(bytes)
  } finally {
    await file.close()
  }
}

/** Of the file, lower-case hex. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
