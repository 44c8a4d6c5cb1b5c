import type { Findings } from '../findings.ts'
import { bytesSayWhere } from '../says-where.ts'
import { cleanJpegPicture } from './picture.ts'

/** A block of what Samsung appends to its photos: a name, and data. */
export interface SamsungBlock {
  name: string
  /** Of its data. */
  start: number
  end: number
}

export interface SamsungTrailer {
  /** By where they begin. */
  blocks: Map<number, SamsungBlock>
  /** Where the next block behind a place begins. */
  nextBlock(at: number): number | undefined
  /** Of the directory, which is the end of the file. */
  start: number
}

/** `SEFH` and `SEFT`. */
const [sefh, seft] = [0x53454648, 0x53454654]

/**
 * Samsung's directory, from the end of the file: `SEFH`, version, number of blocks, for each its type, how far before
 * the directory it begins, and its length; then the directory's length and `SEFT`. (As ExifTool's documentation has it.)
 */
export function readSamsungTrailer(bytes: Buffer): SamsungTrailer | undefined {
  const tail = bytes.length - 8
  if (tail < 12 || bytes.readUInt32BE(tail + 4) !== seft) return undefined
  const start = tail - bytes.readUInt32LE(tail)
  if (start < 0 || bytes.readUInt32BE(start) !== sefh || start + 12 > tail) return undefined
  const count = Math.min(bytes.readUInt32LE(start + 8), Math.floor((tail - start - 12) / 12))
  const blocks = new Map<number, SamsungBlock>()
  for (let index = 0; index < count; index++) {
    const entry = start + 12 + index * 12
    const at = start - bytes.readUInt32LE(entry + 4)
    const end = at + bytes.readUInt32LE(entry + 8)
    if (at < 0 || at + 8 > end || end > start) continue
    const name = Math.min(bytes.readUInt32LE(at + 4), end - at - 8)
    blocks.set(at, { name: bytes.toString('latin1', at + 8, at + 8 + name), start: at + 8 + name, end })
  }
  const starts = [...blocks.keys()].sort((a, b) => a - b)
  return { blocks, start, nextBlock: (at) => starts.find((one) => one > at) }
}

export function cleanSamsungBlock(
  bytes: Buffer,
  { name, start, end }: SamsungBlock,
  findings: Findings,
): void {
  const data = bytes.subarray(start, end)
  if (data.toString('latin1', 4, 8) === 'ftyp') {
    findings.embed({ type: 'video/mp4', offset: start, length: end - start })
  } else if (data.length > 3 && data.readUIntBE(0, 3) === 0xffd8ff) {
    const length = cleanJpegPicture(data, findings.at(start))
    if (data.subarray(length).some((byte) => byte !== 0))
      findings.erase('other', start + length, data.length - length)
  } else if (data.some((byte) => byte !== 0) && (!harmless.test(name) || bytesSayWhere(data))) {
    findings.erase(name === countryCode ? 'location' : 'other', start, end - start)
  }
}

/** Of the network that the phone was in. */
const countryCode = 'MCC_Data'

/** The date, how the camera was set, what belongs to a motion photo. */
const harmless =
  /^(Image_UTC_Data|MotionPhoto_\w*|Camera_Capture_Mode_Info|Camera_Scene_Info|Color_Display_P3|Photo_HDR_Info|Single_Shot_\w*|DualShot_\w*|SoundShot_\w*)$/

/** The last bytes of Huawei's and Honor's motion photos: the clip's length, as text. */
export function isLiveTrailer(rest: Buffer): boolean {
  return (
    rest.length <= 80 && /^(?:v\d_f\d+[ \0]*)?(?:\d+:\d+[ \0]*)?LIVE_\d+[ \0]*$/.test(rest.toString('latin1'))
  )
}
