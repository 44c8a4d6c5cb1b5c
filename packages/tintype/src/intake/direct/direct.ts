import { maxSinglePut, type PartsRequest } from '@tintype/protocol'
import type { WriteUrl } from '../../bucket/write-url.ts'
import { crashPoint } from '../../crash-points.ts'
import { TintypeError } from '../../errors.ts'
import { isId, randomId } from '../../ids.ts'
import type { PrivacyOptions } from '../../privacy/policy.ts'
import type { UploadRow } from '../../records/schema.ts'
import { demandSameRequest } from '../idempotency.ts'
import { planParts } from '../part-plan.ts'
import { isOpen, toRefusal } from '../refusal.ts'
import { absent, type Completed, type Completion, createCompletion, lostByStorage } from './complete.ts'
import type { DirectOptions } from './options.ts'
import { type Announced, checkPart, partCount, partSize } from './session-plan.ts'
import { createDirectState, type UploadState } from './state.ts'
import { fieldsOf } from './text-fields.ts'

/**
 * Way in: straight from the browser to S3, by URLs that are signed here. A session binds owner, key, size, type and
 * checksum, so that S3 accepts only what was announced; nothing becomes visible before {@link Direct.complete} has
 * inspected it. Sessions of other owners get the same answer as those that don't exist.
 */
export interface Direct {
  /**
   * Opens a session.
   * @throws {TintypeError} `idempotency_mismatch`, `storage_unavailable`; what a hook of the app refuses it with, `quota_exceeded`
   */
  begin(
    owner: string,
    file: Announced,
    once?: Request,
    from?: BeginOrigin,
  ): Promise<{ session: OpenSession; isNew: boolean }>
  /**
   * Signs URLs for parts, in the order asked for. A part may be signed again, with another checksum too.
   * @throws {TintypeError} `not_found`, `conflict`, `invalid_parameter`
   */
  sign(id: string, owner: string, request: PartsRequest): Promise<({ number: number } & WriteUrl)[]>
  /** @throws {TintypeError} `not_found` */
  status(id: string, owner: string): Promise<UploadState>
  /**
   * Makes media of what arrived, once, even if it is called several times and on several processes.
   * Where the app's scan takes long, this is answered before its end; then it joins whatever process scans it.
   * @throws {TintypeError} `not_found`; `not_complete` when something is missing; with status 422 when it is refused
   */
  complete(id: string, owner: string, from?: Omit<Completion, 'row'>): Promise<Completed>
  /** @throws {TintypeError} `not_found`; `conflict` when it has become media */
  cancel(id: string, owner: string): Promise<void>
  /** Accepts no more calls, and waits for those in progress. */
  drain(): Promise<void>
}

/** Hashes of the Idempotency-Key with its owner, and of what is asked for with it. */
interface Request {
  key: string
  hash: string
}

/** Where it is begun. */
interface BeginOrigin {
  /** The app's own request. */
  request?: object | undefined
  /** Of the client. */
  signal?: AbortSignal | undefined
}

/** With its URL when it is one PUT; parts are signed when they are asked for. */
export interface OpenSession {
  row: UploadRow
  put: WriteUrl | undefined
}

export function createDirect(options: DirectOptions): Direct {
  const {
    records,
    bucket,
    hooks,
    quotas,
    scanner,
    sweeper,
    multipart,
    requireChecksum = false,
    clock,
    log,
    session,
    signWrite,
    deadline,
  } = options
  const { ledger, uploads, scans } = records
  const completion = createCompletion(options)
  const stateOf = createDirectState({ records, bucket, clock, putUrl })

  async function find(id: string, owner: string): Promise<UploadRow> {
    const row = isId(id) ? await uploads.find(id, owner) : undefined
    // A resumable upload has another address; what became of it is told here, too.
    if (!row || (row.way !== null && isOpen(row, clock.now()))) throw absent()
    return row
  }

  /** Signatures count in seconds. What has arrived by then may still be completed for a while. */
  const isOver = (row: UploadRow) => row.expires_at - clock.now() < 1000

  /** Seconds that a URL signed now is good for: it never outlives the session. */
  function secondsLeft(row: UploadRow): number {
    if (isOver(row)) throw absent()
    return Math.floor(Math.min(signWrite, row.expires_at - clock.now()) / 1000)
  }

  async function putUrl(row: UploadRow): Promise<WriteUrl> {
    const { key, bytes, type, sha256 } = row
    return bucket.putUrl(key, { size: bytes, type, sha256, seconds: secondsLeft(row) })
  }

  async function openSession(row: UploadRow): Promise<OpenSession> {
    return { row, put: row.part_bytes === null ? await putUrl(row) : undefined }
  }

  async function earlier(request: Request | undefined): Promise<OpenSession | undefined> {
    const row = request && (await uploads.findByRequest(request.key))
    if (!row) return undefined
    demandSameRequest(row, request.hash)
    if (isOver(row)) {
      throw new TintypeError('conflict', 'What this Idempotency-Key has begun is over. Use a new one.')
    }
    return openSession(row)
  }

  /** Each part is announced with its SHA-256, the one PUT with that of the file, where it is known. */
  function inParts({ bytes, sha256 }: Announced): boolean {
    const unchecked = requireChecksum && sha256 === null
    if (!multipart && unchecked) {
      throw new TintypeError(
        'invalid_parameter',
        'The storage takes no file without its checksum: announce its SHA-256 as sha256.',
      )
    }
    return multipart && (unchecked || bytes > maxSinglePut)
  }

  /** The key is scheduled for deletion before S3 hears of it, and stays so until its media is published. */
  async function prepare(
    owner: string,
    file: Announced,
    {
      id,
      request,
      privacy,
    }: { id: string; request?: Request | undefined; privacy?: PrivacyOptions | undefined },
  ): Promise<UploadRow> {
    const created_at = clock.now()
    const expires_at = created_at + session
    const row: UploadRow = {
      id,
      owner,
      key: bucket.makeKey('upload', 'bin'),
      due_at: expires_at + deadline,
      ...file,
      part_bytes: inParts(file) ? planParts(file.bytes).partBytes : null,
      s3_upload_id: null,
      request_key: request?.key ?? null,
      request_hash: request?.hash ?? null,
      media_id: null,
      refusal: null,
      created_at,
      expires_at,
      scanning_until: null,
      form: null,
      form_index: null,
      privacy: privacy === undefined ? null : JSON.stringify(privacy),
      way: null,
    }
    if (row.part_bytes === null) {
      await ledger.reserve([row.key], row.due_at)
      crashPoint('direct.reserved')
      return row
    }
    // Until S3's id of it is known for good, the sweeper looks for it soon.
    const soon = created_at + deadline
    await ledger.reserve([row.key], soon, { multipart: true })
    crashPoint('direct.reserved')
    try {
      // A process that was suspended here past the deadline begins nothing: the sweeper has swept the key already.
      if (clock.now() >= soon) throw tookTooLong()
      row.s3_upload_id = await bucket.createMultipart(row.key, { type: row.type })
      crashPoint('direct.created')
      await ledger.nameMultipart(row.key, row.s3_upload_id)
      const isHeld = await ledger.extend([row.key], soon, row.due_at)
      if (!isHeld) throw tookTooLong()
    } catch (error) {
      await giveUp(row)
      throw error
    }
    return row
  }

  /** Of a session that was never opened. */
  async function giveUp({ key, part_bytes }: UploadRow): Promise<void> {
    try {
      await ledger.scheduleDeletion([key], clock.now(), { multipart: part_bytes !== null })
    } catch (error) {
      // It stays scheduled for deletion, and goes when its deadline comes.
      log.error('discard.failed', { keys: [key], error })
    }
    sweeper.wake()
  }

  return {
    async begin(owner, file, once, from = {}) {
      const before = await earlier(once)
      if (before) return { session: before, isNew: false }
      const id = randomId()
      const privacy = await hooks.beforeUpload?.({
        ...from,
        uploadId: id,
        owner,
        way: 'direct',
        name: file.name,
        type: file.type,
        bytes: file.bytes,
        fields: fieldsOf(file),
        request: from.request,
        replaces: undefined,
      })
      await quotas.demandRoom(owner, { bytes: file.bytes, files: 1, sessions: 1 })
      const row = await prepare(owner, file, { id, request: once, privacy })
      try {
        await uploads.open(row, await quotas.of(owner))
      } catch (error) {
        // After an unknown outcome the session may be open: then its key must live, and goes with it.
        if (!(error instanceof TintypeError) || error.code === 'database_unavailable') throw error
        await giveUp(row)
        // Also where it has taken the last room.
        const isOvertaken = error.code === 'conflict' || error.code === 'quota_exceeded'
        const faster = isOvertaken ? await earlier(once) : undefined
        if (!faster) throw error
        return { session: faster, isNew: false }
      }
      crashPoint('direct.opened')
      log.info('upload.opened', { id: row.id, bytes: row.bytes, parts: partCount(row) })
      return { session: await openSession(row), isNew: true }
    },

    async sign(id, owner, { parts, stored = [] }) {
      const row = await find(id, owner)
      if (row.media_id !== null || row.refusal !== null) {
        throw new TintypeError('conflict', 'The upload has ended already.')
      }
      for (const { number } of [...parts, ...stored]) checkPart(row, number)
      const seconds = secondsLeft(row)
      await uploads.recordParts(id, stored)
      await uploads.signParts(id, parts).catch(async (error: unknown) => {
        // The session may have been cancelled at this very moment.
        await find(id, owner)
        throw error
      })
      return Promise.all(
        parts.map(async ({ number, sha256 }) => {
          const terms = { number, sha256, size: partSize(row, number), seconds }
          return { number, ...(await bucket.partUrl(row.key, row.s3_upload_id as string, terms)) }
        }),
      )
    },

    async status(id, owner) {
      const row = await find(id, owner)
      const state = await stateOf(row)
      if (state?.state === 'open' && !state.isStored && isOver(row)) throw absent()
      if (state) return state
      // Unless another request completed it at this moment.
      await uploads.refuse(id, toRefusal(lostByStorage()), clock.now())
      const ended = await stateOf(await find(id, owner))
      if (!ended) throw absent()
      return ended
    },

    async complete(id, owner, from = {}) {
      const row = await find(id, owner)
      for (const { number } of from.parts ?? []) checkPart(row, number)
      return completion.complete({ ...from, row })
    },

    async cancel(id, owner) {
      const row = await find(id, owner)
      const isCancelled =
        row.form === null
          ? await uploads.cancel(id, owner, clock.now())
          : await scans.cancelForm(row.form, owner)
      if (!isCancelled) {
        if (row.media_id === null) await find(id, owner)
        throw new TintypeError(
          'conflict',
          'The upload has become a photo or video already. Delete that instead.',
        )
      }
      crashPoint('direct.cancelled')
      log.info('upload.cancelled', { id })
      scanner.cancel(id)
      sweeper.wake()
    },

    drain: () => completion.drain(),
  }
}

function tookTooLong(): TintypeError {
  return new TintypeError('overloaded', 'It took too long. Begin again.')
}
