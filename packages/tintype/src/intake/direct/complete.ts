import type { CompleteRequest } from '@tintype/protocol'
import { shuttingDown } from '../../closing.ts'
import { crashPoint } from '../../crash-points.ts'
import { TintypeError } from '../../errors.ts'
import { RefusedByApp } from '../../hooks/refuse.ts'
import type { MediaWithVariants } from '../../records/media-records.ts'
import type { UploadRow } from '../../records/schema.ts'
import type { StoredFile } from '../files.ts'
import { withDeadline } from '../form/arrivals.ts'
import { createPendingKeys } from '../pending-keys.ts'
import { interrupted, isScanning, toRefusal } from '../refusal.ts'
import { checkHead, examineObject } from './examine-object.ts'
import { completeObject, copyTime, copyToOwnKey } from './object.ts'
import type { DirectOptions } from './options.ts'
import { outcomeOf } from './state.ts'
import { fieldsOf } from './text-fields.ts'

export type Completed =
  | {
      media: MediaWithVariants
      /** Whether this call has made it. */
      isNew: boolean
    }
  /** The app's scan takes long: the session tells how it ends. */
  | { scanning: UploadRow }

export interface Completion {
  /** Of a session of the owner. */
  row: UploadRow
  parts?: CompleteRequest['parts']
  /** The app's own, by which the client says that all has arrived. */
  request?: object | undefined
}

/** An object that is cleaned is copied, put together anew, and copied again. */
const copies = 3
/** Milliseconds for inspecting an object, in addition to copying it. */
const examineTime = 360_000

/** Completes direct uploads: what arrived is copied, inspected and published, or refused for good. */
export function createCompletion(options: DirectOptions) {
  const { records, finish, quotas, sweeper, clock, log } = options
  /** In this process; between processes the ledger decides. */
  const running = new Map<string, { work: Promise<Completed>; answer: () => Promise<Completed> }>()
  let draining = false

  async function publish({ row, parts, request }: Completion, answerSlow: () => void): Promise<Completed> {
    const pending = createPendingKeys({ ...options, ledger: records.ledger })
    const limit = AbortSignal.timeout(copyTime(row.bytes) * copies + examineTime)
    const signal = AbortSignal.any([pending.signal, limit])
    try {
      await quotas.demandRoom(row.owner, { bytes: row.bytes, files: 1, isGranted: true })
      const found = await completeObject(options, row, parts)
      if (!found) throw lostByStorage()
      crashPoint('direct.completed')
      const type = await checkHead(options, row, found, signal)
      const copied = await copyToOwnKey(options, row, found, { type, pending })
      const [media] = await examineObject(
        options,
        { row, request, pending },
        { ...copied, type },
        signal,
        async (file, memory) => {
          crashPoint('direct.verified')
          const dueAt = await pending.confirm()
          const stored = isInPlace(file, row) ? keptInPlace(file, row) : withDeadline(file, dueAt)
          const { owner, caption, id } = row
          const origin = { owner, way: 'direct', fields: fieldsOf(row), request } as const
          return finish.create([stored], { ...origin, caption, uploadId: id, memory, answerSlow })
        },
      )
      crashPoint('direct.published')
      sweeper.wake()
      return { media: media as MediaWithVariants, isNew: true }
    } catch (error) {
      return await recordOutcome(row, error)
    } finally {
      await pending.release()
    }
  }

  /** A failure is final, or temporary, or another request was faster. */
  async function recordOutcome(row: UploadRow, error: unknown): Promise<Completed> {
    const refusal = asRefusal(error)
    if (refusal && (await records.uploads.refuse(row.id, toRefusal(refusal), clock.now()))) {
      crashPoint('direct.refused')
      log.info('upload.refused', { id: row.id, code: refusal.code, error })
      sweeper.wake()
      throw refusal
    }
    const now = await records.uploads.find(row.id, row.owner)
    const media = now && (await outcomeOf(records, now))
    if (media) return { media, isNew: false }
    if (now && isScanning(now, clock.now())) return { scanning: now }
    throw now ? error : absent()
  }

  return {
    async complete(completion: Completion): Promise<Completed> {
      const { row } = completion
      const media = await outcomeOf(records, row)
      if (media) return { media, isNew: false }
      const underWay = running.get(row.id)
      if (underWay) {
        const done = await underWay.answer()
        return 'media' in done ? { ...done, isNew: false } : done
      }
      if (isScanning(row, clock.now())) return { scanning: row }
      if (row.form !== null) throw interrupted()
      if (draining) {
        throw shuttingDown()
      }
      const slow = Promise.withResolvers<Completed>()
      const work = publish(completion, () => slow.resolve({ scanning: row })).finally(() =>
        running.delete(row.id),
      )
      const answer = () => Promise.race([work, slow.promise])
      running.set(row.id, { work, answer })
      return answer()
    },

    async drain(): Promise<void> {
      draining = true
      while (running.size > 0) await Promise.allSettled(Array.from(running.values(), ({ work }) => work))
    },
  }
}

/** Sessions of other owners, expired ones and unknown ones get the same answer. */
export function absent(): TintypeError {
  return new TintypeError('not_found', 'There is no such upload, or its time is over. Begin again.')
}

export function lostByStorage(): TintypeError {
  return new TintypeError('upload_refused', 'The storage has given this upload up. Begin again.')
}

/** Completing is not an upload: anything wrong with the bytes is 422. What the app refuses has the app's status. */
function asRefusal(error: unknown): TintypeError | undefined {
  if (!(error instanceof TintypeError)) return undefined
  const { status } = error
  if (status === 422 || error instanceof RefusedByApp) return error
  if (status !== 413 && status !== 415) return undefined
  return new TintypeError('upload_refused', error.message, { limit: error.limit, cause: error })
}

function isInPlace({ examined: { objects } }: StoredFile, { key }: UploadRow): boolean {
  return 'key' in objects[0] && objects[0].key === key
}

/** Its own key is published: the sweep list has it with the session's deadline, and URLs that may write to it. */
function keptInPlace(file: StoredFile, { due_at, expires_at }: UploadRow): StoredFile {
  const dated = withDeadline(file, due_at)
  const [original, ...variants] = dated.examined.objects
  const kept = 'key' in original ? { ...original, writableUntil: expires_at } : original
  return { ...dated, examined: { ...dated.examined, objects: [kept, ...variants] } }
}
