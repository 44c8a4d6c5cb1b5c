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
  /** Makes what can wait, of the same pixels, in the order of its specs. */
  makeLater(): Promise<Buffer[]>
}

export interface MakeOptions {
  placeholder?: boolean
  /** What nobody waits for: the picture is read as large as this needs it, and nothing else is done for it yet. */
  later?: readonly VariantSpec[]
}

/**
 * Makes all sizes of a picture that is decoded once: the largest is made of the picture itself, the others of that one.
 *
 * @throws what the decoder says of a picture that is damaged
 */
export async function makePictures(
  open: OpenPicture,
  specs: readonly VariantSpec[],
  { placeholder = false, later = [] }: MakeOptions = {},
): Promise<MadePictures> {
  // A placeholder alone reads the whole picture, too.
  const first = [...specs, ...(placeholder || specs.length === 0 ? [usualThumb] : [])]
  const scaleOf = (these: readonly VariantSpec[]) => Math.max(...these.map((spec) => scaleFor(spec, open)))
  const [needed, scale] = [scaleOf(first), scaleOf([...first, ...later])]
  const read = await pixelsOf(resizedWhole(open.picture(scale), scaled(open, scale)))
  // Colours are converted of as few pixels as will do.
  const isSame = scale === needed || later.length === 0
  const base = await inSrgb(isSame ? read : await reduced(read, scaled(open, needed)), open)
  const pictures = await encodeAll(open, base, specs)
  return {
    pictures,
    placeholder: placeholder ? await encodePlaceholder(base) : undefined,
    makeLater: async () => encodeAll(open, isSame ? base : await inSrgb(read, open), later),
  }
}

async function encodeAll(open: OpenPicture, base: Pixels, specs: readonly VariantSpec[]): Promise<Buffer[]> {
  const pictures: Buffer[] = []
  for (const spec of specs) {
    const still = () => encode(resized(base, outputSize(spec, open), spec), spec)
    pictures.push((await animated(open, spec)) ?? (await still()))
  }
  return pictures
}

/** Pixels of a side of which a part of one is not missed. */
const narrow = 32

/**
 * JPEG and WebP are made smaller by a power of two while they are decoded, and what is left over of a side goes: up to a pixel of
 * the result, at its right or lower edge. In one of a few pixels that may be all that there is to see.
 */
function resizedWhole(picture: Sharp, size: Size): Sharp {
  return picture.resize({
    ...size,
    fit: 'fill',
    fastShrinkOnLoad: Math.min(size.width, size.height) > narrow,
  })
}

async function pixelsOf(picture: Sharp): Promise<Pixels> {
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  return { data, width, height, channels }
}

const reduced = ({ data, ...raw }: Pixels, size: Size) =>
  pixelsOf(sharp(data, { raw }).resize({ ...size, fit: 'fill' }))

/** May write to the pixels. */
async function inSrgb(pixels: Pixels, { colour, profile }: OpenPicture): Promise<Pixels> {
  if (colour) toSrgb(pixels.data, pixels.channels, colour)
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
