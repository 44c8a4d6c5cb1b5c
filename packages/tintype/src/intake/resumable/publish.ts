import { hash } from 'node:crypto'
import type { KnownType } from '@tintype/protocol'
import type { ObjectFacts } from '../../bucket/bucket.ts'
import { crashPoint } from '../../crash-points.ts'
import { TintypeError } from '../../errors.ts'
import { RefusedByApp } from '../../hooks/refuse.ts'
import { connectionBytes, type ScopedReservation } from '../../memory/budget.ts'
import type { PrivacyOptions } from '../../privacy/policy.ts'
import type { MediaWithVariants } from '../../records/media-records.ts'
import type { ResumableUpload } from '../../records/resumable-records.ts'
import type { UploadRow } from '../../records/schema.ts'
import { createCompletions, type Publishing } from '../completion.ts'
import { absent, isInPlace, keptInPlace, publishTime } from '../direct/complete.ts'
import { examineObject } from '../direct/examine-object.ts'
import { copyToOwnKey } from '../direct/object.ts'
import { fieldsOf } from '../direct/text-fields.ts'
import { withDeadline } from '../form/arrivals.ts'
import { withTransforms } from '../form/form.ts'
import { createUploadMemory, type UploadMemory } from '../transform.ts'
import { lostByStorage } from './errors.ts'
import type { ResumableOptions } from './options.ts'
import { bytesIn, readTail } from './tail.ts'

/** An upload of which all bytes have come. */
export interface WholeUpload extends ResumableUpload {
  row: UploadRow
  /** All of it, where it is still in memory. */
  held?: { bytes: Buffer; memory: UploadMemory } | undefined
  /** Of the whole, where it is known. */
  sha256?: string | undefined
  /** The app's own, by which its last bytes came. */
  request?: object | undefined
}

/** Publishes what has come by a resumable protocol, with the checks and the ending of all ways in, or refuses it for good. */
export function createPublication(options: ResumableOptions) {
  const { records, bucket, finish, quotas, budget, bufferPool, hooks } = options

  async function publish(upload: WholeUpload, publishing: Publishing): Promise<MediaWithVariants> {
    const { row, held } = upload
    await quotas.demandRoom(row.owner, { bytes: row.bytes, files: 1, isGranted: true })
    const media =
      row.s3_upload_id !== null
        ? await publishObject(upload, publishing)
        : held
          ? await publishBytes(upload, { ...held, isKept: true }, publishing)
          : await publishTail(upload, publishing)
    crashPoint('resumable.published')
    return media
  }

  async function publishBytes(
    { row, request, sha256 }: WholeUpload,
    { bytes, memory, isKept }: NonNullable<WholeUpload['held']> & { isKept: boolean },
    { answerSlow }: Publishing,
  ): Promise<MediaWithVariants> {
    const { owner, caption, id, name } = row
    const found = sha256 ?? hash('sha256', bytes, 'hex')
    if (row.sha256 !== null && row.sha256 !== found) throw otherDigest()
    const privacy = row.privacy === null ? undefined : (JSON.parse(row.privacy) as PrivacyOptions)
    // What is held is stored as it was sent where this fails for now: cleaning has to work on a copy.
    const file = { bytes, sha256: found, rawName: name, privacy, isOthers: isKept }
    const origin = { owner, way: 'resumable', fields: fieldsOf(row), request } as const
    const [media] = await finish.create([file], { ...origin, caption, uploadId: id, memory, answerSlow })
    return media as MediaWithVariants
  }

  /** It is so small that it never was a part of S3's. */
  async function publishTail(upload: WholeUpload, publishing: Publishing): Promise<MediaWithVariants> {
    const { tail } = upload.resumable
    const size = bytesIn(tail)
    if (size === 0) throw new TintypeError('empty_file', 'The file is empty. Choose another one.')
    const reserved = hooks.transforms.length === 0 ? size : withTransforms(size, budget)
    const work = async (reservation: ScopedReservation) => {
      const buffer = bufferPool.take(size)
      try {
        let at = 0
        for (const object of tail) {
          buffer.bytes.set(await readTail(bucket, object, publishing.signal), at)
          at += object.bytes
        }
        const memory = createUploadMemory(reservation, size + connectionBytes, () => {
          buffer.free()
          reservation.shrinkTo(connectionBytes)
        })
        return await publishBytes(
          upload,
          { bytes: buffer.bytes.subarray(0, size), memory, isKept: false },
          publishing,
        )
      } finally {
        buffer.free()
      }
    }
    // All of it is stored, and nobody sends: its turn comes, whether the client waits for that or asks again.
    const wait = publishTime(upload.row)
    return budget.within(reserved + connectionBytes, publishing.signal, work, { wait })
  }

  async function publishObject(upload: WholeUpload, publishing: Publishing): Promise<MediaWithVariants> {
    const { row, request, sha256 } = upload
    const { pending, signal, answerSlow } = publishing
    const found = await completeObject(upload)
    crashPoint('resumable.completed')
    const type = row.type as KnownType
    const own =
      sha256 === undefined
        ? await copyToOwnKey(options, row, found, { type, pending })
        : { key: row.key, sha256 }
    const [media] = await examineObject(
      options,
      { row, request, pending },
      { key: own.key, sha256: own.sha256, type },
      signal,
      async (file, memory) => {
        const dueAt = await pending.confirm()
        const stored = isInPlace(file, row) ? keptInPlace(file, row) : withDeadline(file, dueAt)
        const { owner, caption, id } = row
        const origin = { owner, way: 'resumable', fields: fieldsOf(row), request } as const
        return finish.create([stored], { ...origin, caption, uploadId: id, memory, answerSlow })
      },
    )
    return media as MediaWithVariants
  }

  /**
   * Makes the object of its parts. A reply that was lost leaves the outcome open: S3 is asked, not guessed at.
   * @throws {TintypeError} `upload_gone` where S3 has ended it
   */
  async function completeObject({ row, resumable }: ResumableUpload): Promise<ObjectFacts> {
    const parts = await records.resumables.parts(row.id)
    let failure: unknown
    try {
      await bucket.completeMultipart(row.key, row.s3_upload_id as string, parts)
    } catch (error) {
      failure = error
    }
    const found = await bucket.head(row.key)
    if (found?.size === resumable.received) return found
    if (found || (failure instanceof TintypeError && /^not_(found|complete)$/.test(failure.code)))
      throw lostByStorage()
    throw failure ?? lostByStorage()
  }

  const completions = createCompletions<WholeUpload>({
    ...options,
    ledger: records.ledger,
    publish,
    within: publishTime,
    asRefusal,
    refused: () => crashPoint('resumable.refused'),
    absent,
  })
  return { ...completions, completeObject }
}

/** What is wrong with the bytes, and what the app says of them. */
function asRefusal(error: unknown): TintypeError | undefined {
  if (!(error instanceof TintypeError)) return undefined
  const isAbout = [410, 413, 415, 422].includes(error.status) || error.code === 'empty_file'
  return isAbout || error.code === 'invalid_name' || error instanceof RefusedByApp ? error : undefined
}

function otherDigest(): TintypeError {
  return new TintypeError(
    'upload_refused',
    'What has arrived is not the file that was announced: its SHA-256 differs.',
  )
}
