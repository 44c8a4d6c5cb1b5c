import type { KnownType, UploadRequest } from '@tintype/protocol'
import { TintypeError } from '../errors.ts'
import { bytesFor, type MediaLimits, megabytes } from '../inspect/limits.ts'
import { displayName } from '../inspect/name.ts'
import type { UploadRow } from '../records/schema.ts'

/** A file that may come, as a session keeps it. */
export type Announced = Pick<UploadRow, 'name' | 'type' | 'bytes' | 'sha256' | 'caption'>

/**
 * Holds what is announced against the limits. The bytes decide later; this spares those the way that can't pass.
 *
 * @throws {TintypeError} `unsupported_type`, `empty_file`, `too_large`, `invalid_name`
 */
export function checkAnnounced(
  { name, type: announced, size, sha256 }: UploadRequest,
  caption: string | null,
  limits: MediaLimits,
): Announced {
  const type = typeOf(announced)
  if (!limits.accept.has(type)) {
    throw new TintypeError(
      'unsupported_type',
      `Files of type ${JSON.stringify(announced.slice(0, 100))} are not taken here, but ${[...limits.accept].join(', ')}.`,
    )
  }
  if (size === 0) throw new TintypeError('empty_file', 'The file is empty. Choose another one.')
  const limit = Math.min(bytesFor(type as KnownType, limits), largestObject)
  if (size > limit)
    throw new TintypeError('too_large', `The file has more than ${megabytes(limit)}.`, { limit })
  const kind = type.slice(type.indexOf('/') + 1)
  return { name: displayName(name, kind), type, bytes: size, sha256: sha256 ?? null, caption }
}

/** How many parts; 0 for one PUT. */
export function partCount({ bytes, part_bytes }: Pick<UploadRow, 'bytes' | 'part_bytes'>): number {
  return part_bytes === null ? 0 : Math.ceil(bytes / part_bytes)
}

/** Bytes of the part: all are equally large but the last. */
export function partSize({ bytes, part_bytes }: UploadRow, number: number): number {
  const whole = part_bytes ?? bytes
  return Math.min(whole, bytes - (number - 1) * whole)
}

/** @throws {TintypeError} `invalid_parameter` */
export function checkPart(row: UploadRow, number: number): void {
  const count = partCount(row)
  if (count === 0) throw new TintypeError('invalid_parameter', 'This upload is one PUT: it has no parts.')
  if (number < 1 || number > count) {
    throw new TintypeError(
      'invalid_parameter',
      `The upload has parts 1 to ${count}, but no part ${number}.`,
      {
        limit: count,
      },
    )
  }
}

/** So much fits into 10,000 parts of 5 GiB each. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const largestObject = 10_000 * 5 * 1024 ** 3

/** What some browsers call types that are taken. */
const aliases: Record<string, KnownType> = { 'image/jpg': 'image/jpeg', 'video/x-m4v': 'video/mp4' }

/** A media type without its parameters. */
function typeOf(announced: string): string {
  const type = announced.replace(/;.*/s, '').trim().toLowerCase()
  return aliases[type] ?? type
}
