import sharp, { type Sharp } from 'sharp'
import type { Coding, Tiling } from './coding.ts'
import type { Colour } from './colour.ts'
import { decodable } from './decodable.ts'
import { decodeJxl } from './jxl.ts'
import { decodeHeif, decodeHeifTiles } from './libheif.ts'
import type { Pixels } from './shrink.ts'
import { shrinkFactor } from './shrink-tiles.ts'

/** A picture of any type that is taken, ready to be made smaller. */
export interface OpenPicture {
  /**
   * Upright, in sRGB but for `colour` and `profile`. Its pixels are read in one pass from top to bottom.
   * @param scale that it is needed at, at the most: it may be smaller than the picture, and is never smaller than that
   */
  picture(scale: number): Sharp
  /** Pixels of the upright picture. */
  width: number
  height: number
  /** Where libvips does not know the colours, their code points: the pixels that come out have to be converted. */
  colour: Colour | undefined
  /** The same, by an ICC profile. */
  profile?: Uint8Array | undefined
  /** All frames of an animated picture, one below the other. */
  animation?: { frames: number; open(): Sharp } | undefined
}

export interface OpenOptions {
  /** Width times height, at the most. */
  pixels: number
  /** How much damage fails. */
  failOn: 'warning' | 'truncated'
  /** The picture's colour space, as its inspector has found it. Its own profile goes before. */
  colour?: Colour | undefined
  /** What decodes it, where sharp does not. */
  coding?: Coding | undefined
}

/**
 * Only what the headers say is read here, unless another decoder than sharp's has to unpack the picture first.
 * @throws what the decoder says of a picture that it can't read
 */
export async function openPicture(bytes: Uint8Array, options: OpenOptions): Promise<OpenPicture> {
  const { pixels, failOn, colour, coding } = options
  if (coding?.tiling) return openTiles(bytes, { ...coding, tiling: coding.tiling }, options)
  if (coding) return openPixels(bytes, coding, options)
  const readable = decodable(bytes)
  const opened = sharp(readable, { failOn, limitInputPixels: pixels })
  const { autoOrient, icc, depth, pages = 1, format, channels, space, ...stored } = await opened.metadata()
  if (format === 'jpeg' && readable.length > bytes.length)
    await readToItsEnd(sharp(readable, { failOn, limitInputPixels: pixels }), stored)
  // libvips converts all pixels of a picture to sRGB before it makes it smaller: a third of the time for a photo of a phone.
  const isLate = format === 'jpeg' && channels === 3 && space === 'srgb' && icc !== undefined && isPlain(icc)
  const picture = isLate ? sharp(readable, { failOn, limitInputPixels: pixels, ignoreIcc: true }) : opened
  // sharp leaves the profile of a picture of 16 bits aside, unless it is told to work in sRGB from the beginning.
  if (icc && depth === 'ushort') picture.pipelineColourspace('srgb')
  const { width, height } = autoOrient
  const isAnimated = pages > 1 && (format === 'gif' || format === 'webp')
  const animation = {
    frames: pages,
    open: () => sharp(bytes, { failOn, limitInputPixels: pixels, animated: true }),
  }
  return {
    picture: () => picture.autoOrient(),
    width,
    height,
    colour: icc ? undefined : colour,
    profile: isLate ? icc : undefined,
    animation: isAnimated ? animation : undefined,
  }
}

/**
 * A JPEG that is made smaller while it is decoded is told to be whole where up to 64 of its last rows are missing (libvips 8.18). One
 * without its end mark may well have been cut off there: it is decoded once more, as large as it is.
 */
async function readToItsEnd(picture: Sharp, { height }: { height: number }): Promise<void> {
  await picture.extract({ left: 0, top: height - 1, width: 1, height: 1 }).toBuffer()
}

/** Whether an ICC profile is of RGB and as long as it says (ICC.1:2022, 7.2): others are left to libvips. */
function isPlain(icc: Buffer): boolean {
  if (icc.length < 132 || icc.readUInt32BE(0) !== icc.length) return false
  return icc.toString('latin1', 16, 20) === 'RGB ' && icc.toString('latin1', 36, 40) === 'acsp'
}

async function openPixels(
  bytes: Uint8Array,
  coding: Coding,
  { pixels: most, colour }: OpenOptions,
): Promise<OpenPicture> {
  const { data, ...raw } = coding.decoder === 'jxl' ? await decodeJxl(bytes) : decodeHeif(bytes)
  const { width, height } = raw
  if (width * height > most) throw new Error('The picture has more pixels than its header says: pixel limit.')
  const picture = sharp(data, { raw, limitInputPixels: most })
  if (isOpaque({ data, ...raw })) picture.removeAlpha()
  return { picture: () => picture, width, height, ...coloursOf(bytes, coding, colour) }
}

/** Nothing is decoded before it is known how large it has to be. */
function openTiles(
  bytes: Uint8Array,
  coding: Coding & { tiling: Tiling },
  { colour }: OpenOptions,
): OpenPicture {
  const { tiling } = coding
  const isTurned = tiling.turns.filter((turn) => turn === 90 || turn === 270).length % 2 === 1
  return {
    width: isTurned ? tiling.height : tiling.width,
    height: isTurned ? tiling.width : tiling.height,
    ...coloursOf(bytes, coding, colour),
    picture(scale) {
      const { data, ...raw } = decodeHeifTiles(bytes, tiling, shrinkFactor(scale))
      return turned(data, raw, tiling.turns)
    },
  }
}

/** sharp mirrors before it turns, whatever the order in which both are asked for: a mirror reverses the turns before it. */
function turned(data: Uint8Array, raw: Omit<Pixels, 'data'>, turns: Tiling['turns']): Sharp {
  let [degrees, isFlipped, isFlopped] = [0, false, false]
  for (const turn of turns) {
    if (typeof turn === 'number') degrees += turn
    else degrees = 360 - degrees
    if (turn === 'flip') isFlipped = !isFlipped
    if (turn === 'flop') isFlopped = !isFlopped
  }
  return sharp(data, { raw })
    .rotate(degrees % 360)
    .flip(isFlipped)
    .flop(isFlopped)
}

function coloursOf(bytes: Uint8Array, coding: Coding, colour: Colour | undefined) {
  const { start, end } = coding.profile ?? {}
  const profile = end === undefined ? undefined : bytes.slice(start, end)
  return { colour: profile ? undefined : colour, profile }
}

/** A decoder may give alpha to all pictures, which costs time with each that is made of them. */
function isOpaque({ data, channels }: Pixels): boolean {
  if (channels !== 4) return false
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return false
  return true
}
