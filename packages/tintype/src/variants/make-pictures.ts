import sharp, { type Sharp } from 'sharp'
import { byProfile } from './by-profile.ts'
import { toSrgb } from './colour.ts'
import type { OpenPicture } from './open-picture.ts'
import { type Pixels, shrink } from './shrink.ts'
import {
  isSmall,
  outputSize,
  placeholderSize,
  type Size,
  scaled,
  scaleFor,
  staysAnimated,
  usualThumb,
  type VariantSpec,
} from './variant-spec.ts'

export interface MadePictures {
  /** In the order of the specs. */
  pictures: Buffer[]
  /** A `data:` URL of a few hundred bytes. */
  placeholder: string | undefined
}

/**
 * Makes all sizes of a picture that is decoded once: the largest is made of the picture itself, the others of that one.
 *
 * @throws what the decoder says of a picture that is damaged
 */
export async function makePictures(
  open: OpenPicture,
  specs: readonly VariantSpec[],
  { placeholder = false }: { placeholder?: boolean } = {},
): Promise<MadePictures> {
  // A placeholder alone reads the whole picture, too.
  const scales = [...specs, ...(placeholder || specs.length === 0 ? [usualThumb] : [])]
  const base = await pixelsOf(open, Math.max(...scales.map((spec) => scaleFor(spec, open))))
  const pictures: Buffer[] = []
  for (const spec of specs) {
    const still = () => encode(resized(base, outputSize(spec, open), spec), spec)
    pictures.push((await animated(open, spec)) ?? (await still()))
  }
  return { pictures, placeholder: placeholder ? await encodePlaceholder(base) : undefined }
}

async function pixelsOf({ picture, colour, profile, ...size }: OpenPicture, scale: number): Promise<Pixels> {
  const { data, info } = await picture(scale)
    .resize({ ...scaled(size, scale), fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  if (colour) toSrgb(data, channels, colour)
  const pixels = { data, width, height, channels }
  return profile ? byProfile(pixels, profile) : pixels
}

/** @returns undefined for what is no animation, or too large for one, or has a frame that is damaged */
async function animated(open: OpenPicture, spec: VariantSpec): Promise<Buffer | undefined> {
  const { animation } = open
  if (!animation || !staysAnimated(spec, open, animation.frames)) return undefined
  const fit = spec.fit === 'cover' ? 'cover' : 'fill'
  const picture = animation.open().resize({ ...outputSize(spec, open), fit })
  return picture
    .webp({ quality: spec.quality, effort: 0 })
    .toBuffer()
    .catch(() => undefined)
}

function resized({ data, ...raw }: Pixels, size: Size, { fit }: VariantSpec): Sharp {
  const picture = sharp(data, { raw })
  if (raw.width === size.width && raw.height === size.height) return picture
  return picture.resize({ ...size, fit: fit === 'cover' ? 'cover' : 'fill' })
}

function encode(picture: Sharp, { format, quality, ...size }: VariantSpec): Promise<Buffer> {
  switch (format) {
    case 'webp':
      // Effort 4, sharp's default, takes twice as long as 2 for 1 to 4 % fewer bytes, and three times as long as 0.
      return picture.webp({ quality, effort: isSmall(size) ? 0 : 2 }).toBuffer()
    case 'jpeg':
      return picture.flatten({ background: '#ffffff' }).jpeg({ quality }).toBuffer()
    case 'avif':
      return picture.avif({ quality, effort: isSmall(size) ? 2 : 1, chromaSubsampling: '4:2:0' }).toBuffer()
  }
}

async function encodePlaceholder(base: Pixels): Promise<string> {
  const { data, ...raw } = shrink(base, placeholderSize)
  const tiny = await sharp(data, { raw }).webp({ quality: 30 }).toBuffer()
  return `data:image/webp;base64,${tiny.toString('base64')}`
}
