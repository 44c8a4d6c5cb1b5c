import { readFileSync } from 'node:fs'

/** What the clips in test/media/colours show as sRGB: red on the left and pink on the right, as they are coded. */
export const patches = [
  [210, 40, 50],
  [235, 150, 175],
] as const

export const coloured = (name: string): Buffer => readFileSync(new URL(`./colours/${name}`, import.meta.url))

/** The same MP4 with nothing that could be decoded: its index is whole. */
export function withoutPictures(file: Buffer): Buffer {
  const data = file.indexOf('mdat')
  const copy = Buffer.from(file)
  return copy.fill(0xff, data + 4, data - 4 + file.readUInt32BE(data - 4))
}
