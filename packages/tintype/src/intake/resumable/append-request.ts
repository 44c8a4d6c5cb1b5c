import { TintypeError } from '../../errors.ts'
import { largestBytes, type MediaLimits, tooLarge } from '../../inspect/limits.ts'
import type { Incoming } from '../../memory/body.ts'
import type { ResumableUpload } from '../../records/resumable-records.ts'
import { inconsistentLength } from './errors.ts'

/** Bytes that are added to an upload. */
export interface AppendRequest {
  /** Where they begin; undefined: wherever the upload is. */
  offset?: number | undefined
  /** Of the whole, where it is known by now. */
  size?: number | undefined
  /** Whether these are the last; undefined: if the whole has come with them. */
  isComplete?: boolean | undefined
  /** Of the bytes of this request: they are taken if they have them, or not at all. */
  checksums?: { algorithm: string; digest: Buffer }[] | undefined
  /** Whether what came of a request that breaks off is dropped. @default that of requests with checksums */
  isAtomic?: boolean
  /** Of the file, where none was told before. */
  name?: string | undefined
  /** Bytes that are announced. */
  length?: number | undefined
  incoming: Pick<Incoming, 'body' | 'signal' | 'accept'>
  /** The app's own. */
  request?: object | undefined
  /** So much is stored by now. */
  onAcknowledged?(received: number): void
}

/** Bytes of one that is complete: what is published from memory was never acknowledged. */
export function lengthOf({ row, resumable }: ResumableUpload): number {
  return resumable.size ?? Math.max(row.bytes, resumable.received)
}

/** The lengths that a request says or implies have to be one. @returns that of the whole, where it is known */
export function sizeOf(
  { resumable }: ResumableUpload,
  request: AppendRequest,
  limits: MediaLimits,
): number | null {
  const { length, isComplete, size } = request
  const { received } = resumable
  const implied = isComplete && length !== undefined ? received + length : undefined
  const known = [resumable.size, size, implied].filter((one) => one !== undefined && one !== null)
  const [first = null, ...others] = known
  if (others.some((one) => one !== first))
    throw inconsistentLength(`The upload is to have ${known.join(' bytes, and also ')} bytes.`)
  if (first !== null && received + (length ?? 0) > first) throw outgrown(first)
  const most = largestBytes(limits)
  if ((first ?? received + (length ?? 0)) > most) throw tooLarge(most)
  return first
}

/** It ends there, whether Content-Length tells before or the bytes do: draft-ietf-httpbis-resumable-upload, Upload Append. */
export function outgrown(size: number): TintypeError {
  return new TintypeError('too_large', `More has come than the ${size} bytes that were announced.`, {
    limit: size,
  })
}
