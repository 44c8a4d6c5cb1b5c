import type { Clock } from '../../clock.ts'
import { TintypeError } from '../../errors.ts'
import { largestBytes, type MediaLimits, megabytes } from '../../inspect/limits.ts'
import { type Incoming, readBody } from '../../memory/body.ts'
import { type Budget, connectionBytes, type ScopedReservation } from '../../memory/budget.ts'
import { chunkMemory } from '../../memory/chunk-memory.ts'
import type { Addition } from '../../quotas/room.ts'
import { aboutField } from '../about-file.ts'
import type { ArrivedFile } from '../files.ts'
import { streamBytes } from '../part-plan.ts'
import type { UploadMemory } from '../transform.ts'
import type { Arrivals } from './arrivals.ts'
import { contentTypeOf } from './content-type.ts'
import type { Fields } from './fields.ts'
import { createFormReader, emptyParts } from './form-reader.ts'
import type { FormShape } from './form-shape.ts'
import { createMultipartParser } from './multipart-parser.ts'

export interface ReceivedForm {
  files: ArrivedFile[]
  /** The form's field of each file. */
  fileFields: readonly string[]
  fields: Fields
  /** Of this request. */
  memory: UploadMemory
  /** What was streamed to S3 outlives this request: it is not discarded with it. */
  handOver(): void
}

export interface FormOptions {
  form: FormShape
  /** Of the app: those of a field may be narrower. */
  limits: MediaLimits
  /** Whether large videos are streamed to S3 in parts. */
  multipart: boolean
  budget: Budget
  clock: Clock
  /** Milliseconds. */
  stallTimeout: number
  /** Whether hooks of the app make new files of those that come, in the same memory. */
  isTransformed: boolean
  arrivals(request: { announced: number | undefined; reservation: ScopedReservation }): Arrivals
}

/** RFC 2046 says 70; some senders write more. */
const longestBoundary = 200
/** Bytes reserved first for an upload of unknown length. */
const firstGuess = 1024 * 1024
/** Bytes a second. A client that sends less, over a whole stall time-out, holds memory for nothing. */
const slowestRate = 1024
/** While others wait for memory, a client has this many seconds to send what it reserved. */
const longestHold = 300
/** What multipart adds around each part, generously. */
const overheadPerPart = 4096

/**
 * Way in: a form. `multipart/form-data` into memory, inside the budget, or through it.
 *
 * @param work publishes the files. When it has ended, their memory is given back, and what was streamed to S3 but not
 * published is given up
 * @throws {TintypeError} of status 400, 408, 413, 415 or 503; nothing was stored. What the work throws
 */
export async function receiveForm<T>(
  incoming: Incoming,
  options: FormOptions,
  work: (form: ReceivedForm) => Promise<T>,
): Promise<T> {
  const { form: shape, limits, multipart } = options
  const { body, signal } = incoming
  const boundary = boundaryOf(incoming)
  if (incoming.wasRead) throw readByOthers()
  const announced = announcedLength(incoming)
  const limit = largestForm(shape)
  if (announced !== undefined && announced > limit) {
    throw tooLarge(limit)
  }

  const first = firstReservation(announced, limits, options.budget, multipart)
  const reserved = (options.isTransformed ? withTransforms(first, options.budget) : first) + connectionBytes

  return options.budget.within(reserved, signal, async (reservation) => {
    const arrivals = options.arrivals({ announced, reservation })
    try {
      incoming.accept()
      const parser = createMultipartParser(boundary)
      const form = createFormReader(arrivals, shape)
      let received = 0
      const take = (chunk: Buffer) => {
        received += chunk.length
        if (received > limit) throw tooLarge(limit)
        return form.take(parser.push(chunk))
      }
      const rate = leastRate(options.budget, reserved)
      await readBody(body, take, { ...options, leastRate: rate, chunks: chunkMemory(body) })
      parser.finish()
      const { files, fileFields, fields } = form
      for (const [name, { required }] of shape.files) {
        if (required && !fileFields.includes(name)) throw noFile(name)
      }
      try {
        return await work({
          files: await arrivals.confirm(files),
          fileFields,
          fields,
          memory: arrivals.memory,
          handOver: arrivals.handOver,
        })
      } catch (error) {
        throw aboutField(error, fileFields)
      }
    } finally {
      // The answer doesn't wait for it.
      void arrivals.release()
    }
  })
}

/** Bytes that such a form may have in all. */
function largestForm({ files, maxFiles, text }: FormShape): number {
  let largest = 0
  for (const { limits } of files.values()) largest = Math.max(largest, largestBytes(limits))
  return maxFiles * (largest + overheadPerPart) + text.fields * (text.fieldBytes + overheadPerPart)
}

/**
 * What such a form brings at the least: by its announced length, since text, and what multipart puts around the parts,
 * have bounds of their own.
 */
export function leastOf(incoming: Incoming, { files, maxFiles, text }: FormShape): Addition {
  const parts = text.fields + emptyParts + maxFiles
  const beside = text.fields * text.fieldBytes + parts * overheadPerPart
  const required = Array.from(files.values()).filter((field) => field.required)
  return { files: required.length, bytes: Math.max(0, (announcedLength(incoming) ?? 0) - beside) }
}

/**
 * Reserves what is announced, so that no upload runs out of memory midway; but of what can't all be photos in memory, only as
 * much as one file needs that goes through it to S3.
 *
 * @throws {TintypeError} `too_large` where nothing goes through to S3, and this can never fit
 */
export function firstReservation(
  announced: number | undefined,
  limits: MediaLimits,
  budget: Pick<Budget, 'bytes'>,
  multipart: boolean,
): number {
  if (announced === undefined) return firstGuess
  const room = budget.bytes - connectionBytes
  if (announced > room && !multipart) throw tooLarge(room)
  return announced <= room ? announced : Math.min(room, Math.max(limits.imageBytes, streamBytes))
}

/**
 * Beside what arrives, room for the hook's copy of a file and for what it makes of it, all at once: an upload that asks for
 * more while it holds some may wait for others that do the same.
 */
export function withTransforms(bytes: number, budget: Pick<Budget, 'bytes'>): number {
  return Math.min(bytes * 3, budget.bytes - connectionBytes)
}

/** Bytes a second that a client has to send, given what is reserved for it. */
export function leastRate(budget: Pick<Budget, 'isContested'>, reserved: number): () => number {
  return () => (budget.isContested ? Math.max(slowestRate, reserved / longestHold) : slowestRate)
}

/** @throws {TintypeError} `unsupported_body`, `malformed_multipart`, `malformed_request` */
export function boundaryOf(incoming: Incoming): string {
  const { type, parameters } = contentTypeOf(incoming)
  if (type !== 'multipart/form-data') {
    throw new TintypeError(
      'unsupported_body',
      'Send the file as multipart/form-data, or as the body itself with its own Content-Type.',
    )
  }
  const boundary = parameters.get('boundary')?.value
  if (!boundary) throw malformed('The Content-Type lacks its boundary parameter.')
  if (boundary.length > longestBoundary) {
    throw malformed(`The boundary is longer than ${longestBoundary} characters.`, longestBoundary)
  }
  return boundary
}

function readByOthers(): TintypeError {
  return new TintypeError(
    'unsupported_body',
    'The form was read by another parser before Tintype came to it. Mount Tintype before that parser, or give tintype.storage() to Multer.',
  )
}

function announcedLength({ headers }: Incoming): number | undefined {
  const header = headers['content-length']
  return header === undefined ? undefined : Number(header)
}

function noFile(field: string): TintypeError {
  const detail = `The form holds no file "${field}". Send at least one part of that name.`
  return new TintypeError('no_file', detail, { field })
}

function tooLarge(limit: number): TintypeError {
  const detail = `One request may have at most ${megabytes(limit)}. Send fewer or smaller files.`
  return new TintypeError('too_large', detail, { limit })
}

function malformed(detail: string, limit?: number): TintypeError {
  return new TintypeError('malformed_multipart', detail, { limit })
}
