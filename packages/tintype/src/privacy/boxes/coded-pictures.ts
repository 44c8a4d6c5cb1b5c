import { boxesIn, findBox } from '../../metadata/boxes.ts'
import { saysWhere } from '../says-where.ts'
import { printable, type Range } from './tree.ts'

/** How a track's pictures are cut into units (ISO/IEC 14496-15). */
export interface Coding {
  isHevc: boolean
  /** Bytes of the number that stands before each unit. */
  width: number
}

/** Of a track of H.264 or HEVC, by its first sample description. */
export function codingOf(bytes: Buffer, table: Range): Coding | undefined {
  const described = findBox(bytes, ['stsd'], table)
  if (!described) return undefined
  for (const entry of boxesIn(bytes, { start: described.start + 8, end: described.end }, 'lenient')) {
    const inside = { start: Math.min(entry.start + videoFields, entry.end), end: entry.end }
    for (const { type, start, end } of boxesIn(bytes, inside, 'lenient')) {
      if (type === 'avcC' && end - start > 4)
        return { isHevc: false, width: ((bytes[start + 4] as number) & 3) + 1 }
      if (type === 'hvcC' && end - start > 21)
        return { isHevc: true, width: ((bytes[start + 21] as number) & 3) + 1 }
    }
  }
  return undefined
}

/** Bytes of a sample description of pictures, behind its header and before its boxes. */
export const videoFields = 78

/** Bytes of a picture that are looked at: what is said of it comes before it. */
export const pictureHead = 16 * 1024

/**
 * What a camera or an encoder has put before a coded picture, beside what is needed to show it (SEI, ITU-T H.264 annex D):
 * dash cams, drones and camcorders write positions there. Nothing of it is ever changed; what isn't known to hold none is told.
 *
 * @param sample its first bytes
 */
export function unknownUserData(sample: Buffer, { isHevc, width }: Coding): string | undefined {
  for (let at = 0; at + width + 2 <= sample.length; ) {
    const start = at + width
    const end = start + sample.readUIntBE(at, width)
    const header = sample[start] as number
    const type = isHevc ? (header >> 1) & 63 : header & 31
    const isPicture = isHevc ? type < 32 : type >= 1 && type <= 5
    if (isPicture || end <= start) return undefined
    const isSei = isHevc ? type === 39 || type === 40 : type === 6
    const unknown = isSei
      ? unknownMessage(unescaped(sample.subarray(start + (isHevc ? 2 : 1), end)))
      : undefined
    if (unknown !== undefined) return unknown
    at = end
  }
  return undefined
}

/** Without the bytes that keep a unit from looking like the beginning of one (section 7.4.1). */
function unescaped(unit: Buffer): Buffer {
  const bytes = Buffer.alloc(unit.length)
  let length = 0
  let zeros = 0
  for (const byte of unit) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0
      continue
    }
    zeros = byte === 0 ? zeros + 1 : 0
    bytes[length++] = byte
  }
  return bytes.subarray(0, length)
}

function unknownMessage(bytes: Buffer): string | undefined {
  let at = 0
  const number = () => {
    let value = 0
    while (bytes[at] === 255) {
      value += 255
      at++
    }
    return value + (bytes[at++] ?? 0)
  }
  while (at + 2 < bytes.length) {
    const type = number()
    const size = number()
    const payload = bytes.subarray(at, at + size)
    if (type === registered && !harmlessRegistered.test(payload.toString('hex', 0, 3))) {
      return `registered user data, ${payload.toString('hex', 0, 3)}`
    }
    if (type === unregistered) {
      const unknown = unknownUnregistered(payload)
      if (unknown !== undefined) return unknown
    }
    at += size
  }
  return undefined
}

const registered = 4
const unregistered = 5

/** ITU-T T.35: captions and aspect ratios (ATSC), dynamic tone mapping (HDR10+, Dolby, HDR Vivid), film grain. */
const harmlessRegistered = /^(b50031|b5003b|b5003c|b55890|260004)/

function unknownUnregistered(payload: Buffer): string | undefined {
  // Encoders of Adobe and QuickTime name a kind, and say nothing of it.
  if (payload.length === uuidBytes) return undefined
  const uuid = payload.toString('hex', 0, uuidBytes)
  const content = payload.subarray(uuidBytes)
  const known = harmlessUnregistered[uuid]
  if (known === camcorder && content.toString('latin1', 0, 4) === 'MDPM') {
    return hasPosition(content) ? 'the position of a camcorder' : undefined
  }
  if (known === undefined) return `user data, ${uuid === '' ? 'empty' : uuid}`
  const text = content.toString('latin1')
  return saysWhere(text) ? `a text, ${printable(text).slice(0, 20)}` : undefined
}

const uuidBytes = 16
const camcorder = 'camcorders'
const harmlessUnregistered: Record<string, string> = {
  dc45e9bde6d948b7962cd820d923eeef: 'x264',
  '2ca2de09b51747dbbb55a4fe7fc2fc4e': 'x265',
  // Encoders of Apple and NVIDIA: a few numbers.
  '47564adc5c4c433f94efc5113cd143a8': 'Apple',
  '0387f44ecd0a4bdca1943ac3d49b171f': 'Apple',
  b49ffcbacec34f13b8edfb8bbdeee4de: 'NVIDIA',
  // The time at which a picture was taken ("MISPmicrosectime", MISB ST 0604).
  '4d4953506d6963726f73656374696d65': 'MISB',
  '17ee8c60f84d11d98cd60800200c9a66': camcorder,
}

/** AVCHD: their number, then a tag and four bytes each; those from 0xb0 on are the directory GPS of Exif. */
function hasPosition(content: Buffer): boolean {
  const count = content[4] ?? 0
  for (let index = 0; index < count; index++) {
    const tag = content[5 + index * 5]
    if (tag !== undefined && tag >= 0xb1 && tag <= 0xca) return true
  }
  return false
}
