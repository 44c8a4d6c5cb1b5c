import type { Frame } from '../workers/frames.ts'
import { plainWebpSize } from './plain-webp.ts'
import { placeholderSize, thumbSize } from './sizes.ts'

/** A picture that could be decoded. */
export interface Decoded {
  ok: true
  /** Pixels of the upright picture. */
  width: number
  height: number
  thumb: { bytes: Uint8Array; width: number; height: number; type: 'image/webp' }
  /** A `data:` URL of a few hundred bytes. */
  placeholder: string
}

export interface Undecodable {
  ok: false
  /** The decoder lacks its codec: the picture is not damaged. */
  isUnreadable?: true
}

/** Bytes of the largest thumb: uncompressed pixels. */
const largestThumb = thumbSize * thumbSize * 4 + 1024
const longestPlaceholder = 4096
const dataUrl = /^data:image\/webp;base64,([A-Za-z0-9+/]+={0,2})$/

/**
 * Validates a child process's answer. A file may have taken the process over, and thumb and placeholder are shown to
 * others, so only what is checked here is passed on.
 */
export function checkAnswer(
  { header, body }: Frame,
  limits: { pixels: number },
): Decoded | Undecodable | undefined {
  const { ok, isUnreadable, width, height, placeholder } = recordOf(header)
  if (ok === false) return isUnreadable === true ? { ok, isUnreadable } : { ok }
  if (ok !== true || !isWithin(width, limits.pixels) || !isWithin(height, limits.pixels)) return undefined
  if (width * height > limits.pixels) return undefined
  const size = body.length > largestThumb ? undefined : plainWebpSize(body)
  if (!size || size.width > Math.min(thumbSize, width) || size.height > Math.min(thumbSize, height))
    return undefined
  if (!isPlaceholder(placeholder)) return undefined
  return { ok, width, height, placeholder, thumb: { bytes: body, ...size, type: 'image/webp' } }
}

function recordOf(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? value : {}
}

function isWithin(value: unknown, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most
}

function isPlaceholder(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > longestPlaceholder) return false
  const size = plainWebpSize(Buffer.from(dataUrl.exec(value)?.[1] ?? '', 'base64'))
  return size !== undefined && size.width <= placeholderSize && size.height <= placeholderSize
}
