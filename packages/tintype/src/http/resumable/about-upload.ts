import { TintypeError } from '../../errors.ts'
import { largestBytes, type MediaLimits } from '../../inspect/limits.ts'
import { type Announced, checkAnnounced } from '../../intake/direct/session-plan.ts'
import type { NewResumable } from '../../intake/resumable/resumable.ts'

/**
 * Checks what is said of an upload before its bytes come.
 * @throws {TintypeError} `empty_file`, `too_large`, `invalid_name`
 */
export function checkUpload(
  {
    name = '',
    type,
    size,
    sha256,
  }: { name?: string | undefined; type: string; size: number | null; sha256?: string | undefined },
  text: Pick<Announced, 'caption' | 'fields'>,
  limits: MediaLimits,
): NewResumable {
  const { bytes: _, ...file } = checkAnnounced(
    { name, type, size: size ?? 1, ...(sha256 ? { sha256 } : {}) },
    text,
    limits,
  )
  return { ...file, size }
}

/** A whole number of bytes. @throws {TintypeError} `invalid_parameter` */
export function readBytes(name: string, value: string | undefined): number {
  if (value !== undefined && /^\d{1,15}$/.test(value.trim())) return Number(value)
  throw new TintypeError('invalid_parameter', `${name} has to be a whole number of bytes.`)
}

export function maxSize(limits: MediaLimits): number {
  return largestBytes(limits)
}

/** What is announced for the length of a body. */
export function bodyLength(headers: { 'content-length'?: string | undefined }): number | undefined {
  const { 'content-length': length } = headers
  return length === undefined ? undefined : Number(length)
}
