import { type KnownType, knownTypes, type MediaKind } from '@tintype/protocol'
import { TintypeError } from '../errors.ts'
import { limitOptions } from '../settings/limits.ts'
import { defaultsOf } from '../settings/read.ts'
import { describeRefused } from './refused.ts'
import { kindOf, sniff } from './sniff.ts'

/** Which files are accepted. */
export interface MediaLimits {
  /** Bytes of one picture. @default 32 MiB */
  imageBytes: number
  /** Bytes of one video. @default 10 GiB */
  videoBytes: number
  /** Width times height of one picture. @default 100 million */
  pixels: number
  /** Frames of one animated picture. @default 1000 */
  frames: number
  /** Media types that are accepted. @default all known */
  accept: ReadonlySet<string>
  /** Types that were asked for, but whose decoders are not installed: the npm package of each. @default none */
  missing?: ReadonlyMap<string, string>
}

const { imageBytes, videoBytes, pixels, frames } = defaultsOf(limitOptions)
export const defaultLimits: MediaLimits = {
  imageBytes,
  videoBytes,
  pixels,
  frames,
  accept: new Set<KnownType>(knownTypes),
}

/** This many first bytes are enough to recognise every type that is accepted. */
export const headBytes = 4100

/** What the first bytes of a file say. */
export interface Head {
  type: KnownType
  kind: MediaKind
  /** How many bytes a file of this kind may have. */
  bytes: number
}

/**
 * Checks the type of a file by its first bytes (4,100 of them, or all there are), before the rest is read.
 *
 * @throws {TintypeError} `unsupported_type`, in words that name what the file seems to be
 */
export function inspectHead(head: Uint8Array, limits: MediaLimits): Head {
  const type = sniff(head)
  if (type && limits.accept.has(type)) return { type, kind: kindOf(type), bytes: bytesFor(type, limits) }
  throw new TintypeError('unsupported_type', describeRefused(head, limits))
}

/** How many bytes a file of this type may have. */
export function bytesFor(type: KnownType, limits: MediaLimits): number {
  return kindOf(type) === 'image' ? limits.imageBytes : limits.videoBytes
}

/** How many bytes a file may have whose type is not known yet. */
export function largestBytes(limits: MediaLimits): number {
  let most = 0
  for (const type of knownTypes) if (limits.accept.has(type)) most = Math.max(most, bytesFor(type, limits))
  return most
}

/** The error for a file that is too large, the same on every way in. */
export function tooLarge(limit: number): TintypeError {
  return new TintypeError('too_large', `The file has more than ${megabytes(limit)}.`, { limit })
}

/** Bytes for people: `32 MB` for 33,554,432. */
export function megabytes(bytes: number): string {
  const giga = bytes / 1024 ** 3
  if (giga >= 1) return `${Number(giga.toFixed(1))} GB`
  const mega = bytes / 1024 ** 2
  if (mega >= 1) return `${Number(mega.toFixed(1))} MB`
  if (bytes >= 1024) return `${Number((bytes / 1024).toFixed(1))} kB`
  return bytes === 1 ? '1 byte' : `${bytes} bytes`
}

/** Pixels for people: `100 megapixels` for 100,000,000. */
export function megapixels(pixels: number): string {
  if (pixels < 1_000_000) return `${pixels} pixels`
  const mega = pixels / 1_000_000
  return `${Number(mega.toFixed(mega < 100 ? 1 : 0))} megapixels`
}
