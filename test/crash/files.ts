import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { photo } from '../media/photos.ts'
import { withPlace } from '../media/videos.ts'
import type { SentFile } from './journal.ts'

/** Small photos and videos, each of them unique, so that its hash tells which request an object came from. */
export interface Files {
  photo(): SentFile
  video(): SentFile
  /** Of 9 MiB, more than is held in memory: it goes to S3 in parts. */
  longVideo(): SentFile
  /** Of 17 MiB, more than goes to S3 by one signed URL. */
  hugeVideo(): SentFile
  /** A small one that says where it was taken. */
  placedVideo(): SentFile
  /** The same of 12 MiB. */
  longPlacedVideo(): SentFile
  /** Half a photo: it has to be refused. */
  unsound(): SentFile
}

export async function createFiles(): Promise<Files> {
  // It says where it was taken: photos are cleaned in memory.
  const jpeg = await photo({ gps: true })
  const mp4 = readFileSync(new URL('../media/files/index-first.mp4', import.meta.url))
  const placed = withPlace(readFileSync(new URL('../media/files/index-at-end.mp4', import.meta.url)))
  let count = 0
  const mark = () => Buffer.from(`${process.pid}.${performance.timeOrigin}.${++count}`)
  const padded = (mebibytes: number) =>
    sent(withFreeBox(mp4, Buffer.concat([mark(), Buffer.alloc(mebibytes * 1024 ** 2)])), 'video/mp4')
  return {
    photo: () => sent(withComment(jpeg, mark()), 'image/jpeg'),
    video: () => sent(withFreeBox(mp4, mark()), 'video/mp4'),
    longVideo: () => padded(9),
    hugeVideo: () => padded(17),
    placedVideo: () => sent(withFreeBox(placed, mark()), 'video/mp4'),
    longPlacedVideo: () =>
      sent(withFreeBox(placed, Buffer.concat([mark(), Buffer.alloc(12 * 1024 ** 2)])), 'video/mp4'),
    unsound: () => {
      const whole = withComment(jpeg, mark())
      return sent(whole.subarray(0, whole.length >> 1), 'image/jpeg')
    },
  }
}

function sent(bytes: Buffer, type: string): SentFile {
  return { bytes, type, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** A COM segment behind the first marker. ITU-T T.81, B.2.4.5 */
function withComment(jpeg: Buffer, text: Buffer): Buffer {
  const head = Buffer.from([0xff, 0xfe, 0, 0])
  head.writeUInt16BE(text.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), head, text, jpeg.subarray(2)])
}

/** A `free` box at the end. ISO/IEC 14496-12, 8.1.2 */
function withFreeBox(mp4: Buffer, text: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(text.length + 8, 0)
  head.write('free', 4)
  return Buffer.concat([mp4, head, text])
}
