import { shuttingDown } from '../../closing.ts'
import { crashPoint } from '../../crash-points.ts'
import { TintypeError } from '../../errors.ts'
import { isId, randomId } from '../../ids.ts'
import { announcedName } from '../../inspect/name.ts'
import type { MediaWithVariants } from '../../records/media-records.ts'
import type { ResumableUpload } from '../../records/resumable-records.ts'
import type { UploadRow } from '../../records/schema.ts'
import type { Completed } from '../completion.ts'
import { absent } from '../direct/complete.ts'
import { deletedSince, outcomeOf } from '../direct/state.ts'
import { fieldsOf } from '../direct/text-fields.ts'
import { newUpload } from '../new-upload.ts'
import { isScanning, toRefusal } from '../refusal.ts'
import { createAppend } from './append.ts'
import type { AppendRequest } from './append-request.ts'
import type { Appended } from './appended.ts'
import { type Concatenate, createConcatenate } from './concatenate.ts'
import { isOver, lostByStorage, takenOver } from './errors.ts'
import { createKeptParts } from './kept-parts.ts'
import type { FromRequest, NewResumable } from './new-resumable.ts'
import type { ResumableOptions } from './options.ts'
import { createPublication } from './publish.ts'
import { createRunningHashes } from './running-hash.ts'
import { createTurns } from './turns.ts'

export type { Appended } from './appended.ts'
export type { FromRequest, NewResumable } from './new-resumable.ts'

/**
 * Way in: uploads that go on where they were interrupted, by tus or the IETF's draft. Bytes pass through memory into parts
 * of an S3 multipart upload; those that are too few for a part are objects of their own. What a sender was told is stored
 * and named in the ledger before it is told. Uploads of other owners get the same answer as those that don't exist.
 */
export interface Resumable {
  /** @throws {TintypeError} what a hook of the app refuses it with, `quota_exceeded` */
  open(owner: string, file: NewResumable, from: FromRequest): Promise<ResumableUpload>
  /**
   * Opens one with bytes of it. Where its address is told with the answer alone, what fails leaves nothing that could go on.
   * @param tell tells it before; false where that can't be done
   * @throws {TintypeError} as both do
   */
  create(
    owner: string,
    file: NewResumable,
    from: FromRequest,
    request: AppendRequest,
    tell?: (upload: ResumableUpload) => boolean,
  ): Promise<Appended>
  /** @throws {TintypeError} `not_found`, `upload_gone`; what it was refused with */
  state(id: string, owner: string): Promise<ResumableState>
  /**
   * Adds bytes, and publishes the upload when they are its last. What has arrived of a request that breaks off is kept. A
   * request without bytes at the end of an upload that is complete gets the answer to the last of them again.
   * @throws {TintypeError} `mismatching_offset`, `completed_upload`, `inconsistent_length`, `checksum_mismatch`,
   * `upload_gone`, `upload_locked`; as uploads are refused
   */
  append(id: string, owner: string, request: AppendRequest): Promise<Appended>
  /**
   * Puts an upload together of pieces, in this order; once, however often it is asked for: each who asks gets the same one.
   * @throws {TintypeError} `invalid_parameter` for pieces that are none, not whole, or part of another one; `conflict`
   */
  concatenate: Concatenate
  /** @throws {TintypeError} `not_found`; `conflict` when it has become media */
  cancel(id: string, owner: string): Promise<void>
  /** Cuts off what is being received, and waits for what is being published. */
  drain(): Promise<void>
}

export type ResumableState = { upload: ResumableUpload } & (
  | { state: 'open' }
  | { state: 'scanning' }
  /** Without media: they have been deleted since. */
  | { state: 'complete'; media: MediaWithVariants | undefined }
)

export function createResumable(options: ResumableOptions): Resumable {
  const { records, bucket, hooks, quotas, scanner, sweeper, clock, log, session, deadline } = options
  const { resumables, uploads } = records
  const publication = createPublication(options)
  const turns = createTurns(clock)
  const hashes = createRunningHashes()
  const keptParts = createKeptParts(options)
  let draining = false
  const append = createAppend({ ...options, publication, turns, hashes, keptParts })

  async function find(id: string, owner: string): Promise<ResumableUpload> {
    const found = isId(id) ? await resumables.find(id, owner) : undefined
    if (!found) throw absent()
    if (found.row.media_id === null && found.row.expires_at <= clock.now()) throw isOver()
    return found
  }

  async function open(
    owner: string,
    { size, metadata, concat, ...file }: NewResumable,
    { request, signal }: FromRequest,
    { granted, id = randomId() }: { granted?: number; id?: string } = {},
  ): Promise<ResumableUpload> {
    if (draining) throw shuttingDown()
    const announced = { name: file.name, type: file.type, bytes: size ?? undefined, fields: fieldsOf(file) }
    const privacy = await hooks.beforeUpload?.({
      ...{ uploadId: id, owner, way: 'resumable', request, signal, replaces: undefined },
      ...announced,
    })
    const bytes = Math.max(0, (size ?? 0) - (granted ?? 0))
    // Each of its pieces has a place, which is free when it is put together.
    const places = granted === undefined ? 1 : 0
    const more = { bytes, files: places, sessions: places }
    await quotas.demandRoom(owner, more)
    const created_at = clock.now()
    const expires_at = created_at + session
    const row: UploadRow = {
      ...newUpload,
      ...file,
      id,
      owner,
      // Nothing is ever written there: the key of its parts is made when the first of them is full.
      key: bucket.makeKey('upload', 'bin'),
      due_at: expires_at + deadline,
      bytes,
      created_at,
      expires_at,
      privacy: privacy === undefined ? null : JSON.stringify(privacy),
      way: 'resumable',
    }
    const resumable = {
      upload_id: row.id,
      size,
      received: 0,
      is_complete: 0,
      tail: [],
      writer: 0,
      is_busy: 0,
      next_part: 1,
      metadata: metadata ?? null,
      concat: concat ?? null,
    }
    await resumables.open({ row, resumable }, { ...(await quotas.of(owner)), more })
    crashPoint('resumable.opened')
    log.info('upload.opened', { id: row.id, bytes: row.bytes, parts: 0 })
    return { row, resumable }
  }

  async function ended(upload: ResumableUpload, done: Promise<Completed>): Promise<Appended> {
    const result = await done
    return 'media' in result
      ? { upload, state: 'complete', media: result.media }
      : { upload, state: 'scanning' }
  }

  async function appendTo(opened: ResumableUpload, request: AppendRequest): Promise<Appended> {
    const { upload, done } = await append(opened, request)
    return done ? ended(upload, done) : { upload, state: 'open' }
  }

  /** Appends to what nobody has been told of: where that fails, it would only take up room until its time is over. */
  async function appendFirst(opened: ResumableUpload, request: AppendRequest): Promise<Appended> {
    try {
      return await appendTo(opened, request)
    } catch (error) {
      const { id, owner } = opened.row
      // Another process goes on with it.
      if (isCode(error, 'conflict')) throw error
      await uploads.cancel(id, owner, clock.now()).catch(() => {})
      sweeper.wake()
      throw error
    }
  }

  /** Asks the ledger, and publishes what is complete and is not media yet. */
  async function state(id: string, owner: string): Promise<ResumableState> {
    await publication.underWay(id)?.catch(() => {})
    let upload = await find(id, owner)
    const { row } = upload
    if (row.media_id !== null || row.refusal !== null) {
      const isGone = row.refusal === null && !(await records.media.find(row.media_id ?? '', owner))
      return { upload, state: 'complete', media: isGone ? undefined : await outcomeOf(records, row) }
    }
    if (isScanning(row, clock.now())) return { upload, state: 'scanning' }
    const turn = await turns.take(id, takenOver)
    try {
      // What an older request in another process still says is refused from now on: this offset holds.
      const taken = await resumables.takeOver(id, owner, false)
      if (!taken) throw absent()
      upload = taken
    } finally {
      turn.end()
    }
    const isPiece = upload.resumable.concat === 'partial'
    if (upload.resumable.is_complete === 1 && !isPiece) {
      const { received: bytes } = upload.resumable
      return ended(upload, publication.complete({ ...upload, row: { ...upload.row, bytes } }))
    }
    const { key, s3_upload_id } = upload.row
    // A piece that is whole may have been put together.
    const isListed = s3_upload_id !== null && upload.resumable.is_complete === 0
    if (isListed && (await bucket.listParts(key, s3_upload_id)) === 'absent') {
      if (!(await uploads.refuse(id, toRefusal(lostByStorage()), clock.now(), upload.resumable.writer)))
        throw takenOver()
      sweeper.wake()
      throw lostByStorage()
    }
    return { upload, state: 'open' }
  }

  /** The answer to its last bytes, whose first copy may have been lost. */
  async function answerAgain(id: string, owner: string): Promise<Appended> {
    const found = await state(id, owner)
    if (found.state !== 'complete') return found
    const { upload, media } = found
    if (!media) throw deletedSince()
    return { upload, state: 'complete', media }
  }

  const concatenate = createConcatenate({
    bucket,
    clock,
    find,
    answer: answerAgain,
    open,
    completeObject: publication.completeObject,
    append: appendFirst,
    async join({ row }, into) {
      await uploads.join(row.id, row.owner, into, clock.now())
      sweeper.wake()
    },
  })

  return {
    open,
    state,
    concatenate,

    async create(owner, file, from, request, tell) {
      const upload = await open(owner, file, from)
      return tell?.(upload) ? appendTo(upload, request) : appendFirst(upload, request)
    },

    async append(id, owner, request) {
      if (draining) throw shuttingDown()
      const found = await find(id, owner)
      const name = found.row.name === '' ? announcedName(request.name) : ''
      if (name !== '') await resumables.name(id, owner, name)
      try {
        return await appendTo(found, request)
      } catch (error) {
        const isRepeated = isCode(error, 'completed_upload') && request.length === 0
        if (isRepeated && !(error as TintypeError).offsets) return answerAgain(id, owner)
        throw error
      }
    },

    async cancel(id, owner) {
      const { row, resumable } = await find(id, owner)
      // Its bytes have gone into another upload.
      if (row.media_id !== null && resumable.concat === 'partial') return
      const turn = await turns.take(id, takenOver)
      try {
        if (!(await uploads.cancel(id, owner, clock.now()))) {
          await find(id, owner)
          throw new TintypeError(
            'conflict',
            'The upload has become a photo or video already. Delete that instead.',
          )
        }
      } finally {
        turn.end()
      }
      crashPoint('resumable.cancelled')
      log.info('upload.cancelled', { id })
      scanner.cancel(id)
      keptParts.drop(id)
      sweeper.wake()
    },

    async drain() {
      draining = true
      await turns.drain(shuttingDown)
      await publication.drain()
      keptParts.clear()
    },
  }
}

function isCode(error: unknown, code: TintypeError['code']): boolean {
  return error instanceof TintypeError && error.code === code
}
