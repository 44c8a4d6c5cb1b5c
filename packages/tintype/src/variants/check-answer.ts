import type { Frame } from '../workers/frames.ts'
import { plainSize } from './plain-picture.ts'
import { plainAnimationSize, plainWebpSize } from './plain-webp.ts'
import {
  formatFacts,
  mostAnimatedPixels,
  outputSize,
  placeholderSize,
  recipeOf,
  type Size,
  type VariantSpec,
} from './variant-spec.ts'

/** A picture that could be decoded. */
export interface Decoded {
  ok: true
  /** Pixels of the upright picture. */
  width: number
  height: number
  /** What was asked for, in that order. */
  pictures: Picture[]
  /** A `data:` URL of a few hundred bytes, where it was asked for. */
  placeholder: string | undefined
}

/** One variant, as it is stored. */
export interface Picture {
  name: string
  bytes: Uint8Array
  width: number
  height: number
  type: string
  ext: string
  /** By what it was made. */
  recipe: string
}

export interface Undecodable {
  ok: false
  /** The decoder lacks its codec: the picture is not damaged. */
  isUnreadable?: true
  /** It takes more memory than it was given: nothing is known of damage. */
  isTooLarge?: true
}

/** What the process was asked for. */
export interface Asked {
  pixels: number
  specs: readonly VariantSpec[]
  placeholder: boolean
}

const longestPlaceholder = 4096
const dataUrl = /^data:image\/webp;base64,([A-Za-z0-9+/]+={0,2})$/

/** Bytes that the answer to a job may have: uncompressed pixels of all that is to be made. */
export function largestAnswer(specs: readonly VariantSpec[]): number {
  const pictures = specs.map(({ width, height }) => Math.min(width * height * 4 + 1024, mostPictureBytes))
  return pictures.reduce((sum, bytes) => sum + bytes, 2 * longestPlaceholder)
}

/** Of one picture. Noise of 12 megapixels takes as much, in the best quality. */
const mostPictureBytes = 32 * 1024 * 1024

/**
 * Validates a child process's answer. A file may have taken the process over, and what it has made is shown to others, so
 * only what is checked here is passed on.
 *
 * @param asked undefined: no picture may come, and nothing but why there is none
 */
export function checkAnswer(
  { header, body }: Frame,
  asked: Asked | undefined,
): Decoded | Undecodable | undefined {
  const { ok, isUnreadable, isTooLarge, width, height, placeholder, lengths } = recordOf(header)
  if (ok === false) {
    if (isTooLarge === true) return { ok, isTooLarge }
    return isUnreadable === true ? { ok, isUnreadable } : { ok }
  }
  if (ok !== true || !asked || !isWithin(width, asked.pixels) || !isWithin(height, asked.pixels))
    return undefined
  if (width * height > asked.pixels) return undefined
  const pictures = picturesIn(body, lengths, { width, height }, asked.specs)
  if (!pictures) return undefined
  if (!asked.placeholder) return { ok, width, height, pictures, placeholder: undefined }
  return isPlaceholder(placeholder) ? { ok, width, height, pictures, placeholder } : undefined
}

function recordOf(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? value : {}
}

function isWithin(value: unknown, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most
}

/** Each of its kind and of the very size that it has to have; undefined where one isn't. */
function picturesIn(
  body: Uint8Array,
  lengths: unknown,
  picture: Size,
  specs: readonly VariantSpec[],
): Picture[] | undefined {
  if (!Array.isArray(lengths) || lengths.length !== specs.length) return undefined
  const pictures: Picture[] = []
  let at = 0
  for (const [index, spec] of specs.entries()) {
    const length: unknown = lengths[index]
    if (!isWithin(length, body.length - at)) return undefined
    const bytes = body.subarray(at, at + length)
    at += length
    const size = plainSize(spec.format, bytes) ?? (spec.format === 'webp' ? animationSize(bytes) : undefined)
    const right = outputSize(spec, picture)
    if (size?.width !== right.width || size.height !== right.height) return undefined
    pictures.push({ name: spec.name, bytes, ...right, ...formatFacts[spec.format], recipe: recipeOf(spec) })
  }
  return at === body.length ? pictures : undefined
}

/** Frames take time of all who look at them: no more of them than we make. */
function animationSize(bytes: Uint8Array): Size | undefined {
  const found = plainAnimationSize(bytes)
  if (!found || found.width * found.height * found.frames > mostAnimatedPixels.variant) return undefined
  return found
}

function isPlaceholder(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > longestPlaceholder) return false
  const size = plainWebpSize(Buffer.from(dataUrl.exec(value)?.[1] ?? '', 'base64'))
  return size !== undefined && size.width <= placeholderSize && size.height <= placeholderSize
}
