import type { Bucket } from '../bucket/bucket.ts'
import { isWorthRepeating } from '../bucket/meaning.ts'
import { pause } from '../bucket/retry.ts'
import type { Clock } from '../clock.ts'
import { crashPoint } from '../crash-points.ts'
import { TintypeError } from '../errors.ts'
import type { Log } from '../log.ts'
import { TransactionEnded } from '../records/hook-transaction.ts'
import type { PendingKey, PublishedMedia } from '../records/ledger-types.ts'
import type { MediaWithVariants } from '../records/media-records.ts'
import type { Records } from '../records/records.ts'
import type { MediaRow } from '../records/schema.ts'
import type { Sweeper } from '../sweep/sweeper.ts'
import type { CleanedFile } from './files.ts'
import { type Plan, plan, toPublished } from './planned-objects.ts'
import type { Scanned, Scanner, ScanTicket } from './scan/scan.ts'

/**
 * Stores what is not in the bucket yet under keys that are scheduled for deletion, has it scanned, then lets `commit` make
 * the media visible.
 *
 * @param toMedia the row of a file, at the time when it is published
 * @param options.isCallers `commit` happens in a transaction of the app's: its outcome is not known here
 * @throws what broke off; then the keys are on the sweep list, due now where nothing of them can be visible
 */
export type Store = (
  files: CleanedFile[],
  ticket: ScanTicket,
  toMedia: (file: CleanedFile, index: number, now: number) => Omit<MediaRow, 'key' | 'writable_until'>,
  commit: (published: PublishedMedia[], scanned: Scanned) => Promise<void>,
  options?: { isCallers?: boolean },
) => Promise<MediaWithVariants[]>

export interface StoreOptions {
  records: Pick<Records, 'ledger' | 'media'>
  bucket: Pick<Bucket, 'put' | 'makeKey' | 'makeFolder'>
  scanner: Pick<Scanner, 'around'>
  sweeper: Pick<Sweeper, 'wake'>
  clock: Clock
  log: Log
  /** Milliseconds until an unfinished upload is swept. */
  deadline: number
}

/** How often a write is tried, each time under a key of its own. */
const writeTries = 3
/** All tries together, in milliseconds: a storage that stalls becomes a 503 while the client still waits. */
const longestWrite = 45_000

export function createStore({
  records,
  bucket,
  scanner,
  sweeper,
  clock,
  log,
  deadline,
}: StoreOptions): Store {
  const store: Store = async (files, ticket, toMedia, commit, { isCallers = false } = {}) => {
    crashPoint('store.examined')
    const dueAt = clock.now() + deadline
    // Writes end well before the deadline, so that none of them can arrive after the sweeper has been there.
    const limit = new AbortController()
    const cancelLimit = clock.after(Math.min(Math.ceil(deadline / 2), longestWrite), () => limit.abort())
    const planned = files.map((file) => plan(file, bucket))
    const plans = planned.flatMap((file) => file.plans)
    const abandoned: string[] = []
    let committing = false
    try {
      if (plans.length > 0) {
        await records.ledger.reserve(
          plans.map((one) => one.key),
          dueAt,
        )
      }
      crashPoint('store.reserved')
      // All of them, even when one fails: nothing may still be reading the bytes when this returns.
      const writes = await Promise.allSettled(plans.map((one) => write(one, dueAt, limit.signal, abandoned)))
      for (const one of writes) if (one.status === 'rejected') throw one.reason
      crashPoint('store.allObjects')
      // Whole and inspected, and visible to nobody: now the app may scan them.
      const made = await scanner.around(planned, dueAt, ticket, async (scanned) => {
        const now = clock.now()
        const published = scanned.files.map((file, index) =>
          toPublished(toMedia(file.examined, index, now), file, scanned.dueAt),
        )
        committing = true
        if (isCallers) await commit(published, scanned)
        else await commitOrReadBack(published, (all) => commit(all, scanned))
        return published.map(toRecord)
      })
      crashPoint('store.published')
      const given = giveUp(abandoned, 'scheduleDeletion')
      if (!isCallers) await given
      return made
    } catch (error) {
      const given = giveUpAll(
        plans.map((one) => one.key),
        abandoned,
        !committing || (!isCallers && isRolledBack(error)),
      )
      // The app's transaction may hold what we have to wait for, and end by this error.
      if (!isCallers) await given
      crashPoint('store.discarded')
      throw error
    } finally {
      cancelLimit()
    }
  }

  async function giveUpAll(keys: string[], abandoned: string[], isCertain: boolean): Promise<void> {
    await giveUp(keys, isCertain ? 'scheduleDeletion' : 'discard')
    await giveUp(abandoned, 'scheduleDeletion')
  }

  async function write(plan: Plan, dueAt: number, signal: AbortSignal, abandoned: string[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await bucket.put(plan.key, plan.bytes, { type: plan.type, sha256: plan.sha256, signal })
        return crashPoint('store.firstObject')
      } catch (error) {
        if (tries === writeTries || !isWorthRepeating(error)) throw error
        log.warn('put.retried', { key: plan.key, tries, error })
        if (!(await pause(tries, signal))) throw error
        // The write that failed may still arrive. A new key keeps it from ever touching what gets published.
        abandoned.push(plan.key)
        plan.key = bucket.makeKey(plan.name, plan.ext)
        await records.ledger.reserve([plan.key], dueAt)
      }
    }
  }

  /** A connection that broke during COMMIT leaves the outcome open: it is read back, not guessed. */
  async function commitOrReadBack(
    published: PublishedMedia[],
    commit: (published: PublishedMedia[]) => Promise<void>,
  ): Promise<void> {
    try {
      await commit(published)
    } catch (error) {
      if (isRolledBack(error)) throw error
      // Touching the keys waits for a commit that is still under way: from then on it has happened, or never will.
      await touch(published.flatMap((one) => one.pending))
      const [first] = published
      const found = first && (await records.media.find(first.media.id, first.media.owner))
      if (found?.media.key !== first?.media.key) throw error
    }
  }

  async function touch(keys: PendingKey[]): Promise<void> {
    for (const [dueAt, dated] of Map.groupBy(keys, (one) => one.dueAt)) {
      await records.ledger.extend(
        dated.map((one) => one.key),
        dueAt,
        dueAt,
      )
    }
  }

  /** `scheduleDeletion` where nothing of it can be visible, `discard` where that is open. */
  async function giveUp(keys: string[], how: 'scheduleDeletion' | 'discard'): Promise<void> {
    if (keys.length === 0) return
    try {
      await records.ledger[how](keys, clock.now())
    } catch (error) {
      // They stay scheduled for deletion, and go when their deadline comes.
      log.error('discard.failed', { keys, error })
    }
    sweeper.wake()
  }

  return store
}

export function toRecord({ media, variants }: PublishedMedia): MediaWithVariants {
  return { media: media as MediaRow, variants }
}

/** For certain: otherwise what was to be committed may be there. */
export function isRolledBack(error: unknown): boolean {
  return (
    error instanceof TintypeError &&
    error.code !== 'database_unavailable' &&
    !(error instanceof TransactionEnded)
  )
}
