import sharp, { type Sharp } from 'sharp'
import type { Colour } from './colour.ts'
import { decodable } from './decodable.ts'

/** A picture of any type that is taken, ready to be made smaller. */
export interface OpenPicture {
  /** Upright, in sRGB but for `colour`. Its pixels are decoded when it is read, in one pass from top to bottom. */
  picture: Sharp
  /** Pixels of the upright picture. */
  width: number
  height: number
  /** Where libvips does not know the colours, their code points: the pixels that come out have to be converted. */
  colour: Colour | undefined
}

export interface OpenOptions {
  /** Width times height, at the most. */
  pixels: number
  /** How much damage fails. */
  failOn: 'warning' | 'truncated'
  /** The picture's colour space, as its inspector has found it. Its own profile goes before. */
  colour?: Colour | undefined
}

/**
 * Only what the headers say is read here.
 * @throws what the decoder says of a picture that it can't read
 */
export async function openPicture(
  bytes: Uint8Array,
  { pixels, failOn, colour }: OpenOptions,
): Promise<OpenPicture> {
  const picture = sharp(decodable(bytes), { failOn, limitInputPixels: pixels })
  const { autoOrient, icc, depth } = await picture.metadata()
  // sharp leaves the profile of a picture of 16 bits aside, unless it is told to work in sRGB from the beginning.
  if (icc && depth === 'ushort') picture.pipelineColourspace('srgb')
  const { width, height } = autoOrient
  return { picture: picture.autoOrient(), width, height, colour: icc ? undefined : colour }
}
