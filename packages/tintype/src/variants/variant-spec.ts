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
export type VariantFormat = (typeof variantFormats)[number]

export const formatFacts: Record<VariantFormat, { type: string; ext: string }> = {
  webp: { type: 'image/webp', ext: 'webp' },
  jpeg: { type: 'image/jpeg', ext: 'jpg' },
  avif: { type: 'image/avif', ext: 'avif' },
}

/** The thumb where an app says nothing else: about the bytes of a photo by sharp's own choice, quality 80 at effort 4. */
export const usualThumb: VariantSpec = {
  name: 'thumb',
  width: 320,
  height: 320,
  fit: 'inside',
  format: 'webp',
  quality: 76,
}

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
