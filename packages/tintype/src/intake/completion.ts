import { shuttingDown } from '../closing.ts'
import type { TintypeError } from '../errors.ts'
import type { MediaWithVariants } from '../records/media-records.ts'
import type { Records } from '../records/records.ts'
import type { UploadRow } from '../records/schema.ts'
import { outcomeOf } from './direct/state.ts'
import { createPendingKeys, type PendingKeys, type PendingKeysOptions } from './pending-keys.ts'
import { interrupted, isScanning, toRefusal } from './refusal.ts'

export type Completed =
  | {
      media: MediaWithVariants
      /** Whether this call has made it. */
      isNew: boolean
    }
  /** The app's scan takes long: the session tells how it ends. */
  | { scanning: UploadRow }

export interface CompletionsOptions<Given extends { row: UploadRow }> extends PendingKeysOptions {
  records: Pick<Records, 'uploads' | 'media' | 'ledger'>
  /** Makes the media. @throws what it is refused with, or what went wrong */
  publish(given: Given, publishing: Publishing): Promise<MediaWithVariants>
  /** Milliseconds for all of it. */
  within(row: UploadRow): number
  /** @returns why the upload has ended for good; undefined where it may be completed again */
  asRefusal(error: unknown): TintypeError | undefined
  /** Where a process may die. */
  refused?(): void
  absent(): TintypeError
}

export interface Publishing {
  /** The keys of this completion. */
  pending: PendingKeys
  signal: AbortSignal
  /** The app's scan takes long: it is answered before its end. */
  answerSlow(): void
}

/**
 * Completes uploads that have a session: what arrived is published, or refused for good. Once, even if it is asked for
 * several times, and by several processes: between them the ledger decides.
 */
export function createCompletions<Given extends { row: UploadRow }>(options: CompletionsOptions<Given>) {
  const { records, publish, within, asRefusal, refused, absent, sweeper, clock, log } = options
  /** In this process. */
  const running = new Map<string, { work: Promise<Completed>; answer: () => Promise<Completed> }>()
  let draining = false

  async function run(given: Given, answerSlow: () => void): Promise<Completed> {
    const pending = createPendingKeys({ ...options, ledger: records.ledger })
    const signal = AbortSignal.any([pending.signal, AbortSignal.timeout(within(given.row))])
    try {
      const media = await publish(given, { pending, signal, answerSlow })
      sweeper.wake()
      return { media, isNew: true }
    } catch (error) {
      return await recordOutcome(given.row, error)
    } finally {
      await pending.release()
    }
  }

  /** A failure is final, or temporary, or another request was faster. */
  async function recordOutcome(row: UploadRow, error: unknown): Promise<Completed> {
    const refusal = asRefusal(error)
    if (refusal && (await records.uploads.refuse(row.id, toRefusal(refusal), clock.now()))) {
      refused?.()
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
    async complete(given: Given): Promise<Completed> {
      const { row } = given
      const media = await outcomeOf(records, row)
      if (media) return { media, isNew: false }
      const underWay = running.get(row.id)
      if (underWay) {
        const done = await underWay.answer()
        return 'media' in done ? { ...done, isNew: false } : done
      }
      if (isScanning(row, clock.now())) return { scanning: row }
      if (row.form !== null) throw interrupted()
      if (draining) throw shuttingDown()
      const slow = Promise.withResolvers<Completed>()
      const work = run(given, () => slow.resolve({ scanning: row })).finally(() => running.delete(row.id))
      const answer = () => Promise.race([work, slow.promise])
      running.set(row.id, { work, answer })
      return answer()
    },

    /** One that is under way in this process. */
    underWay: (id: string): Promise<Completed> | undefined => running.get(id)?.answer(),

    async drain(): Promise<void> {
      draining = true
      while (running.size > 0) await Promise.allSettled(Array.from(running.values(), ({ work }) => work))
    },
  }
}
