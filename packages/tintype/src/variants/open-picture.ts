import sharp, { type Sharp } from 'sharp'
import type { Coding } from './coding.ts'
import type { Colour } from './colour.ts'
import { decodable } from './decodable.ts'
import { decodeJxl } from './jxl.ts'
import { decodeHeif } from './libheif.ts'
import type { Pixels } from './shrink.ts'

/** A picture of any type that is taken, ready to be made smaller. */
export interface OpenPicture {
  /** Upright, in sRGB but for `colour` and `profile`. Its pixels are read in one pass from top to bottom. */
  picture: Sharp
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
  if (coding) return openPixels(bytes, coding, options)
  const picture = sharp(decodable(bytes), { failOn, limitInputPixels: pixels })
  const { autoOrient, icc, depth, pages = 1, format } = await picture.metadata()
  // sharp leaves the profile of a picture of 16 bits aside, unless it is told to work in sRGB from the beginning.
  if (icc && depth === 'ushort') picture.pipelineColourspace('srgb')
  const { width, height } = autoOrient
  const isAnimated = pages > 1 && (format === 'gif' || format === 'webp')
  const animation = {
    frames: pages,
    open: () => sharp(bytes, { failOn, limitInputPixels: pixels, animated: true }),
  }
  return {
    picture: picture.autoOrient(),
    width,
    height,
    colour: icc ? undefined : colour,
    animation: isAnimated ? animation : undefined,
  }
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
  const { start, end } = coding.profile ?? {}
  const profile = end === undefined ? undefined : bytes.slice(start, end)
  return { picture, width, height, colour: profile ? undefined : colour, profile }
}

/** A decoder may give alpha to all pictures, which costs time with each that is made of them. */
function isOpaque({ data, channels }: Pixels): boolean {
  if (channels !== 4) return false
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return false
  return true
}
