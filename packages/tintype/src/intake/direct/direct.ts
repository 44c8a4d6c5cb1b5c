import type { PartsRequest } from '@tintype/protocol'
import type { WriteUrl } from '../../bucket/write-url.ts'
import { crashPoint } from '../../crash-points.ts'
import { TintypeError } from '../../errors.ts'
import { isId } from '../../ids.ts'
import type { UploadRow } from '../../records/schema.ts'
import { isOpen, toRefusal } from '../refusal.ts'
import { type Begin, createBegin } from './begin.ts'
import { absent, type Completed, type Completion, createCompletion, lostByStorage } from './complete.ts'
import type { DirectOptions } from './options.ts'
import { checkPart, partSize } from './session-plan.ts'
import { createSessionUrls } from './session-urls.ts'
import { createDirectState, type UploadState } from './state.ts'

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
  begin: Begin
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

export function createDirect(options: DirectOptions): Direct {
  const { records, bucket, scanner, sweeper, clock, log } = options
  const { uploads, scans } = records
  const urls = createSessionUrls(options)
  const { isOver, secondsLeft, putUrl } = urls
  const completion = createCompletion(options)
  const stateOf = createDirectState({ records, bucket, clock, putUrl })

  async function find(id: string, owner: string): Promise<UploadRow> {
    const row = isId(id) ? await uploads.find(id, owner) : undefined
    // A resumable upload has another address; what became of it is told here, too.
    if (!row || (row.way !== null && isOpen(row, clock.now()))) throw absent()
    return row
  }

  return {
    begin: createBegin(options, urls),

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
