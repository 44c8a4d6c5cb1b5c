import type { ErrorCode, KnownType, MediaKind } from '@tintype/protocol'
import type { Details } from './details/details.ts'

export { Damaged, maxParts } from '../metadata/damaged.ts'

/** The result of an inspection: what the file is, or why it is refused. */
export type Verdict = Sound | Refused

export interface Sound {
  ok: true
  kind: MediaKind
  type: KnownType
  /** File name extension that goes with the type, without a dot. */
  ext: string
  /** Pixels of the picture as browsers show it, as its header claims: upright, unless `isShownAsStored`. */
  width: number
  height: number
  /** 1 for a still and for a video. */
  frames: number
  /** Seconds; videos only. */
  duration?: number
  /** Its colour space, where it is given without a profile; pictures only. */
  colour?: Colour | undefined
  /** Its variants stand at a right angle to what browsers show of the original: they do not turn this type. */
  isShownAsStored?: true | undefined
  /** How it is decoded, where sharp does not; pictures only. */
  coding?: Coding | undefined
  /** Bytes that decoding it takes, estimated; pictures only. */
  decodeMemory?: number
  /** When and with what it was made, as far as it says so. */
  details?: Details | undefined
}

export interface Refused {
  ok: false
  code: ErrorCode
  /** For people: what is wrong and what to do. */
  detail: string
  /** The number that was enforced, where there is one. */
  limit?: number
}

export function refuse(code: ErrorCode, detail: string, limit?: number): Refused {
  return limit === undefined ? { ok: false, code, detail } : { ok: false, code, detail, limit }
}

/** Code points of ITU-T H.273. */
export interface Colour {
  primaries: number
  transfer: number
}

/** What a decoder other than sharp's has to be told. */
export interface Coding {
  decoder: 'libheif' | 'jxl'
  /** Where in the file its ICC profile is, which that decoder does not apply. */
  profile?: { start: number; end: number } | undefined
  /** Its tiles, where they can be decoded one by one. */
  tiling?: Tiling | undefined
}

/** How a picture is put together of tiles of one size. */
export interface Tiling {
  /** Pixels of the whole picture, before it is turned. */
  width: number
  height: number
  /** Pixels of each tile: those of the last row and column may stand out. */
  tile: { width: number; height: number }
  columns: number
  /** Numbers of the tiles' items, row by row. */
  items: number[]
  /** What is done to the whole picture, in this order: a turn by so many degrees, clockwise, or a mirror. */
  turns: (90 | 180 | 270 | 'flip' | 'flop')[]
}

/** What a picture's headers say. */
export interface Header {
  /** Pixels as stored, before any turning. */
  width: number
  height: number
  frames: number
  /** Whether the upright picture stands at a right angle to the stored one. */
  turned: boolean
  /** Browsers do not turn it, whatever it says: they show the stored picture. */
  isShownAsStored?: boolean
  colour?: Colour | undefined
  /** Where in the file its ICC profile is, if its decoder does not know it. */
  profile?: Coding['profile']
  /** @default sharp's */
  decoder?: Coding['decoder'] | undefined
  tiling?: Tiling | undefined
  /** What the decoder unpacks, where that may be more than the picture. @default width times height */
  pixels?: number
  /** Its rows come in several passes (progressive, interlaced): a decoder has to hold them all. */
  inPasses?: boolean
  /** Bytes of one pixel that it holds then. @default by the type */
  passBytes?: number | undefined
  /** Of one pixel that is unpacked row by row, at full size. */
  pixelBytes?: number
}

/** Thrown by parsers at a picture of a kind that no decoder here knows: `coded in VVC`. Caught in `inspect` as well. */
export class Unreadable extends Error {}
