import type { Coding } from './coding.ts'
import { shrinkFactor, shrunkSize } from './shrink-tiles.ts'

export interface Size {
  width: number
  height: number
}

/** One variant that is to be made. */
export interface VariantSpec {
  name: string
  /** Pixels of the box that it fits into, or covers. */
  width: number
  height: number
  /** `inside`: the whole picture, as large as fits into the box. `cover`: its middle, as large as the box. */
  fit: 'inside' | 'cover'
  format: VariantFormat
  /** 1 to 100. */
  quality: number
}

export const variantFormats = ['webp', 'jpeg', 'avif'] as const
/** What a variant is coded in. */
export type VariantFormat = (typeof variantFormats)[number]

export const formatFacts: Record<VariantFormat, { type: string; ext: string }> = {
  webp: { type: 'image/webp', ext: 'webp' },
  jpeg: { type: 'image/jpeg', ext: 'jpg' },
  avif: { type: 'image/avif', ext: 'avif' },
}

/** Below this, a picture has so few bytes that the time for it matters more. */
const smallPixels = 640 * 640

export function isSmall({ width, height }: Size): boolean {
  return width * height <= smallPixels
}

/** A small WebP at 76 and effort 0 has about the bytes of one by sharp's own choice, 80 at effort 4. */
export function usualQuality({ format, ...size }: Size & { format: VariantFormat }): number {
  if (format === 'avif') return 55
  return format === 'webp' && isSmall(size) ? 76 : 80
}

/** The thumb where an app says nothing else. */
export const usualThumb: VariantSpec = {
  name: 'thumb',
  width: 320,
  height: 320,
  fit: 'inside',
  format: 'webp',
  quality: 76,
}

/** Of the first good frame of a video, of which its other variants are made. */
export const posterName = 'poster'

/** Pixels of the longer side of a placeholder. */
export const placeholderSize = 16

/** By how much a picture has to be made smaller: never more than 1, so that nothing is enlarged. */
export function scaleFor({ width, height, fit }: VariantSpec, picture: Size): number {
  const ratios = [width / picture.width, height / picture.height]
  return Math.min(1, fit === 'inside' ? Math.min(...ratios) : Math.max(...ratios))
}

export function scaled({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/** The size of a variant of a picture of this size. */
export function outputSize(spec: VariantSpec, picture: Size): Size {
  const { width, height } = scaled(picture, scaleFor(spec, picture))
  return { width: Math.min(width, spec.width), height: Math.min(height, spec.height) }
}

/** Whether a variant has all of a picture, and is not its middle alone. */
export function showsWhole({ width, height }: Size, picture: Size): boolean {
  return Math.abs(height - (width * picture.height) / picture.width) <= 1
}

/** Pixels up to which a variant may be made while others wait for the process: those of the usual `view`, in a quarter of a second. */
const mostEarlyPixels = 2048 * 2048

/** Whether a variant is coded that quickly. */
export function isSmallEnough(spec: VariantSpec, picture: Size): boolean {
  const { width, height } = outputSize(spec, picture)
  return spec.format !== 'avif' && width * height <= mostEarlyPixels
}

/**
 * Bytes that making these of a picture adds to the decoder's process: pixels, and what the encoder keeps of them. Of one
 * whose tiles are decoded one by one, also what they are put together to, which may be turned once.
 */
export function encodeMemory(
  specs: readonly VariantSpec[],
  picture: Size & { frames?: number; coding?: Coding | undefined },
): number {
  const each = specs.map((spec) => {
    const { width, height } = outputSize(spec, picture)
    const frames = staysAnimated(spec, picture, picture.frames ?? 1) ? (picture.frames ?? 1) : 1
    return width * height * frames * encodingBytes[spec.format]
  })
  if (!picture.coding?.tiling) return Math.max(0, ...each)
  const scale = Math.max(0, ...[usualThumb, ...specs].map((spec) => scaleFor(spec, picture)))
  const { width, height } = shrunkSize(picture, shrinkFactor(scale))
  return Math.max(0, ...each) + width * height * 6
}

/**
 * Pixels of all frames together, of the picture and of the variant, up to which an animated picture stays animated: GIF and
 * WebP of these pixels take a second of CPU time, which an upload may wait for. Larger ones become their first frame.
 */
export const mostAnimatedPixels = { picture: 16_000_000, variant: 6_000_000 }

export function staysAnimated(spec: VariantSpec, picture: Size, frames: number): boolean {
  if (spec.format !== 'webp' || frames < 2) return false
  const { width, height } = outputSize(spec, picture)
  const { picture: most, variant } = mostAnimatedPixels
  return picture.width * picture.height * frames <= most && width * height * frames <= variant
}

/** For each pixel, measured on noise by what is resident: AVIF takes 23 to 24, and more where the transparency is noise, too. */
const encodingBytes: Record<VariantFormat, number> = { webp: 8, jpeg: 8, avif: 28 }

/** By what a variant is made, in one text: `webp 320x320 inside q76`. Tells a variant that is out of date. */
export function recipeOf({ format, width, height, fit, quality }: VariantSpec): string {
  return `${format} ${width}x${height} ${fit} q${quality}`
}

/** The opposite; undefined for a text that a later version has written. */
export function readRecipe(name: string, recipe: string): VariantSpec | undefined {
  const [, format, width, height, fit, quality] =
    /^(webp|jpeg|avif) (\d+)x(\d+) (inside|cover) q(\d+)$/.exec(recipe) ?? []
  if (format === undefined) return undefined
  return {
    name,
    width: Number(width),
    height: Number(height),
    fit: fit as VariantSpec['fit'],
    format: format as VariantFormat,
    quality: Number(quality),
  }
}
