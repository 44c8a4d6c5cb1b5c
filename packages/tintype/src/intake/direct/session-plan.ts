import { type KnownType, knownTypes, type UploadRequest } from '@tintype/protocol'
import { TintypeError } from '../../errors.ts'
import { bytesFor, largestBytes, type MediaLimits, tooLarge } from '../../inspect/limits.ts'
import { announcedName } from '../../inspect/name.ts'
import type { UploadRow } from '../../records/schema.ts'

/** A file that may come, as a session keeps it. */
export type Announced = Pick<UploadRow, 'name' | 'type' | 'bytes' | 'sha256' | 'caption' | 'fields'>

/**
 * Checks what is announced against the limits. The bytes decide later, and alone: a type that is not taken, or none,
 * refuses nothing, because browsers go by the file's name and phones call a JPEG `.HEIC`. The type chooses only which
 * limit is checked before sending: that of pictures for an accepted picture type, else the largest.
 *
 * @throws {TintypeError} `empty_file`, `too_large`, `invalid_name`
 */
export function checkAnnounced(
  { name, type: announced = '', size, sha256 }: UploadRequest,
  { caption, fields }: Pick<UploadRow, 'caption' | 'fields'>,
  limits: MediaLimits,
): Announced {
  const type = knownType(announced)
  const isTaken = type !== undefined && limits.accept.has(type)
  if (size === 0) throw new TintypeError('empty_file', 'The file is empty. Choose another one.')
  const limit = Math.min(isTaken ? bytesFor(type, limits) : largestBytes(limits), largestObject)
  if (size > limit) throw tooLarge(limit)
  const about = { name: announcedName(name), type: type ?? unknown, bytes: size, sha256: sha256 ?? null }
  return { ...about, caption, fields }
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

/** What URLs are signed for when the type is not known yet. The object that is published has the type of its bytes. */
const unknown = 'application/octet-stream'

/** Other names of types that are taken. */
const aliases: Record<string, KnownType> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
  'video/x-m4v': 'video/mp4',
  'video/x-matroska': 'video/matroska',
}

/** A media type without its parameters, if it is one that can be taken. */
function knownType(announced: string): KnownType | undefined {
  const type = announced.replace(/;.*/s, '').trim().toLowerCase()
  if (Object.hasOwn(aliases, type)) return aliases[type]
  return knownTypes.find((known) => known === type)
}
