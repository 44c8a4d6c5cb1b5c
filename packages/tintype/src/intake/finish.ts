import type { Bucket } from '../bucket/bucket.ts'
import { makeKey } from '../bucket/keys.ts'
import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import { randomId } from '../ids.ts'
import type { Log } from '../log.ts'
import type { PublishedMedia } from '../records/ledger.ts'
import type { MediaWithVariants } from '../records/media.ts'
import type { Records } from '../records/records.ts'
import type { MediaRow, VariantRow } from '../records/schema.ts'
import type { Sweeper } from '../sweep/sweeper.ts'
import type { ReceivedFile } from './collect.ts'
import type { Examine, Examined } from './examine.ts'

/** The one ending of all ways in: examine, condemn, store, acquit. */
export interface Finish {
  /**
   * Makes media of the files: all of them become visible in one transaction, or none.
   * @throws {TintypeError} with nothing visible; whatever was stored is on the sweep list
   */
  create(files: ReceivedFile[], ticket: Ticket): Promise<MediaWithVariants[]>
  /**
   * Gives a media new bytes under a new key. Readers see the old bytes or the new.
   * @throws {TintypeError} `not_found` when there is no such media of this owner
   */
  replace(id: string, owner: string, file: ReceivedFile): Promise<MediaWithVariants>
}

/** For whom and as what the files become media. */
export interface Ticket {
  owner: string
  caption: string | null
  /** Hashes of the Idempotency-Key with its owner, and of what was asked for with it. */
  request?: { key: string; hash: string } | undefined
}

export interface FinishOptions {
  records: Records
  bucket: Bucket
  examine: Examine
  sweeper: Sweeper
  clock: Clock
  log: Log
  /** Milliseconds until an unfinished upload is swept. */
  deadline: number
  /** Milliseconds that replaced bytes stay readable, for those who are reading them. */
  grace: number
}

/** How often a write is tried, each time under a key of its own. */
const writeTries = 3

export function createFinish(options: FinishOptions): Finish {
  const { records, bucket, examine, sweeper, clock, log, deadline, grace } = options

  /** Stores the examined files under condemned keys and lets `commit` acquit them. */
  async function store<T>(
    files: Examined[],
    toMedia: (file: Examined, index: number) => Omit<MediaRow, 'key'>,
    commit: (published: PublishedMedia[], dueAt: number) => Promise<T>,
  ): Promise<T> {
    const dueAt = clock.now() + deadline
    // Writes end well before the deadline, so that none of them can land after the sweeper has been there.
    const signal = AbortSignal.timeout(Math.ceil(deadline / 2))
    const plans = files.flatMap((file) => file.objects.map((object) => ({ ...object, key: makeKey(object.name, object.ext) })))
    const condemned = plans.map((plan) => plan.key)
    try {
      await records.ledger.reserve(condemned, dueAt)
      await Promise.all(
        plans.map(async (plan) => {
          for (let tries = 1; ; tries++) {
            try {
              await bucket.put(plan.key, plan.bytes, { type: plan.type, sha256: plan.sha256, signal })
              return
            } catch (error) {
              if (tries === writeTries || signal.aborted) throw error
              log.warn('put.retried', { key: plan.key, tries, error })
              // The first write may still land. A new key keeps it from ever touching what gets published.
              plan.key = makeKey(plan.name, plan.ext)
              condemned.push(plan.key)
              await records.ledger.reserve([plan.key], dueAt)
            }
          }
        }),
      )
    } catch (error) {
      await discard(condemned)
      throw error
    }

    let at = 0
    const published = files.map((file, index) => {
      const [original, ...variants] = file.objects.map(() => plans[at++]) as [Plan, ...Plan[]]
      const media = { ...toMedia(file, index), key: original.key }
      return { media, variants: variants.map((plan) => toVariant(media.id, plan)) }
    })
    const abandoned = condemned.filter((key) => !plans.some((plan) => plan.key === key))
    try {
      return await commit(published, dueAt)
    } catch (error) {
      abandoned.length = 0
      await discard(condemned)
      // A lost connection leaves open whether the commit took place. Discarding changed nothing if it did.
      if (!(error instanceof TintypeError) && (await isPublished(published))) return published as T
      throw error
    } finally {
      if (abandoned.length > 0) await discard(abandoned)
    }
  }
