/** What `GET /media/:id/image?w=&format=` gives: a picture in the width that somebody needs it in. */

/** The widest picture that is made on demand, in pixels. */
export const largestImageWidth = 3840

/** The widths in which pictures are made on demand, in pixels: the same few for everybody, so that they are made once. */
export const imageWidths = [160, 320, 640, 960, 1280, 1600, 1920, 2560, largestImageWidth] as const

/** The formats in which pictures are made on demand. */
export const imageFormats = ['webp', 'jpeg', 'avif'] as const

/** A format in which pictures are made on demand. */
export type ImageFormat = (typeof imageFormats)[number]

/** WebP can't hold more pixels than this in either direction. */
const tallest = 16_383

/** Pixels of a picture, such as those of a {@link Media}. */
export interface ImageSize {
  /** As browsers show the original. */
  width: number
  /** As browsers show the original. */
  height: number
  /** Variants stand at a right angle to that. @default false */
  turned?: boolean | undefined
}

/**
 * The size of a media's upright picture, which its variants have the shape of.
 *
 * @example uprightSize({ width: 4000, height: 3000, turned: true }) // { width: 3000, height: 4000 }
 */
export function uprightSize({ width, height, turned = false }: ImageSize): { width: number; height: number } {
  return turned ? { width: height, height: width } : { width, height }
}

/**
 * The widths in which a picture can be had, the smallest first: it is never enlarged, so they end with its own width, or
 * with the largest that is made of it.
 *
 * @example imageWidthsOf({ width: 1000, height: 750 }) // [160, 320, 640, 960, 1000]
 */
export function imageWidthsOf(picture: ImageSize): number[] {
  const { width, height } = uprightSize(picture)
  const largest = Math.max(1, Math.min(width, largestImageWidth, Math.floor((tallest * width) / height)))
  return [...imageWidths.filter((one) => one < largest), largest]
}

/**
 * The width that is given where `asked` is asked for: the next one that is not smaller, else the largest.
 *
 * @example imageWidthFor({ width: 4000, height: 3000 }, 700) // 960
 */
export function imageWidthFor(size: ImageSize, asked: number): number {
  const widths = imageWidthsOf(size)
  return widths.find((one) => one >= asked) ?? (widths.at(-1) as number)
}
