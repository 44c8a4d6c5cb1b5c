import { maxSinglePut } from '@tintype/protocol'
import type { WriteUrl } from '../../bucket/write-url.ts'
import { crashPoint } from '../../crash-points.ts'
import { TintypeError } from '../../errors.ts'
import { randomId } from '../../ids.ts'
import type { PrivacyOptions } from '../../privacy/policy.ts'
import type { UploadRow } from '../../records/schema.ts'
import { demandSameRequest } from '../idempotency.ts'
import { newUpload } from '../new-upload.ts'
import { planParts } from '../part-plan.ts'
import type { DirectOptions } from './options.ts'
import { type Announced, partCount } from './session-plan.ts'
import type { SessionUrls } from './session-urls.ts'
import { fieldsOf } from './text-fields.ts'

/** With its URL when it is one PUT; parts are signed when they are asked for. */
export interface OpenSession {
  row: UploadRow
  put: WriteUrl | undefined
}

/** Opens a session for a file that is announced, or finds the one that the same request has opened. */
export type Begin = (
  owner: string,
  file: Announced,
  once?: Request,
  from?: BeginOrigin,
) => Promise<{ session: OpenSession; isNew: boolean }>

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

export function createBegin(options: DirectOptions, { isOver, putUrl }: SessionUrls): Begin {
  const { records, bucket, hooks, quotas, sweeper, multipart, requireChecksum = false } = options
  const { clock, log, session, deadline } = options
  const { ledger, uploads } = records

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
      ...newUpload,
      id,
      owner,
      key: bucket.makeKey('upload', 'bin'),
      due_at: expires_at + deadline,
      ...file,
      part_bytes: inParts(file) ? planParts(file.bytes).partBytes : null,
      request_key: request?.key ?? null,
      request_hash: request?.hash ?? null,
      created_at,
      expires_at,
      privacy: privacy === undefined ? null : JSON.stringify(privacy),
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

  return async function begin(owner, file, once, from = {}) {
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
  }
}

function tookTooLong(): TintypeError {
  return new TintypeError('overloaded', 'It took too long. Begin again.')
}
