import sharp from 'sharp'
import type { VideoFrame } from './frame.ts'
import { toRgb } from './to-rgb.ts'

/** A picture of three bytes a pixel, as it is stored in the video: not turned yet, its pixels of any shape. */
export interface Rgb {
  data: Uint8Array
  width: number
  height: number
}

export function unpack(frame: VideoFrame): Rgb {
  return { data: toRgb(frame), width: frame.width, height: frame.height }
}

/** How a video is shown. */
export interface Shown {
  /** Pixels of the upright picture. */
  width: number
  height: number
  /** Clockwise. */
  rotation: 0 | 90 | 180 | 270
  /** Left and right are swapped, after turning. */
  flip: boolean
}

/** The picture as it is shown, with its longer side no longer than `side` pixels, as a PNG: lossless, for the decoder of pictures. */
export async function toStill({ data, ...raw }: Rgb, shown: Shown, side: number) {
  const scale = Math.min(1, side / Math.max(shown.width, shown.height))
  const width = Math.max(1, Math.round(shown.width * scale))
  const height = Math.max(1, Math.round(shown.height * scale))
  const before = shown.rotation % 180 === 0 ? { width, height } : { width: height, height: width }
  let picture = sharp(data, { raw: { ...raw, channels: 3 } })
  if (raw.width !== before.width || raw.height !== before.height)
    picture = picture.resize({ ...before, fit: 'fill' })
  if (shown.rotation !== 0) picture = picture.rotate(shown.rotation)
  if (shown.flip) {
    const turned = await picture.raw().toBuffer()
    picture = sharp(turned, { raw: { width, height, channels: 3 } }).flop()
  }
  return { png: await picture.png({ compressionLevel: 1 }).toBuffer(), width, height }
}

/** Luma from which a pixel counts as lit, and the part of all pixels that has to be: less is taken for black. */
const lit = 40
const leastLit = 0.1

/** How much of the picture is lit, 0 to 1. */
export function lightness({ data }: Rgb): number {
  let [bright, all] = [0, 0]
  for (let at = 0; at + 2 < data.length; at += 3, all++) {
    const luma =
      0.2126 * (data[at] as number) + 0.7152 * (data[at + 1] as number) + 0.0722 * (data[at + 2] as number)
    if (luma >= lit) bright++
  }
  return bright / Math.max(1, all)
}

export function isDark(lightness: number): boolean {
  return lightness < leastLit
}
