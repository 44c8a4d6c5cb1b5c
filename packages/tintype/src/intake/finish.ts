import type { Bucket } from '../bucket/bucket.ts'
import { isWorthRepeating } from '../bucket/meaning.ts'
import { pause } from '../bucket/retry.ts'
import type { Clock } from '../clock.ts'
import { crashPoint } from '../crash-points.ts'
import { TintypeError } from '../errors.ts'
import type { Origin, UploadHooks } from '../hooks/hooks.ts'
import { randomId } from '../ids.ts'
import type { Log } from '../log.ts'
import type { QuotaKeeper } from '../quotas/quotas.ts'
import type { CallersTransaction } from '../records/callers.ts'
import { TransactionEnded } from '../records/hook-transaction.ts'
import type { PendingKey, PublishedMedia } from '../records/ledger-types.ts'
import type { MediaWithVariants } from '../records/media-records.ts'
import type { Records } from '../records/records.ts'
import type { MediaRow } from '../records/schema.ts'
import type { Sweeper } from '../sweep/sweeper.ts'
import { aboutFile } from './about-file.ts'
import type { Examine } from './examine.ts'
import type { ArrivedFile, Examined } from './files.ts'
import { streamBytes } from './part-plan.ts'
import { columnsOf, type Plan, plan, toPublished } from './planned-objects.ts'
import { createRequester } from './requester.ts'
import type { AnswerSlow, Scanned, Scanner, ScanTicket } from './scan/scan.ts'
import type { Transform, UploadMemory } from './transform.ts'

/**
 * The common ending of all ways in: inspect, let the app transform what is in memory, schedule the keys for deletion,
 * store, publish, with the app's `ready` in the same transaction.
 */
export interface Finish {
  /**
   * Makes media of the files: all of them become visible in one transaction, or none.
   * @throws {TintypeError} with nothing visible. What was stored here is on the sweep list, due now; objects that
   * were stored before stay as they are, so that their way in can try again or discard them.
   */
  create(files: ArrivedFile[], ticket: Ticket): Promise<MediaWithVariants[]>
  /**
   * Gives a media new bytes under a new key. Readers see the old bytes or the new.
   * @throws {TintypeError} `not_found` when there is no such media of this owner
   */
  replace(
    id: string,
    from: Omit<Ticket, 'caption' | 'once' | 'uploadId' | 'answerSlow'> & {
      revisions?: readonly number[] | undefined
    },
    file: ArrivedFile,
  ): Promise<MediaWithVariants>
}

/** For whom and as what the files become media. */
export interface Ticket extends Origin {
  /** Aborts when the client has gone: what has not been inspected by then never is. */
  signal?: AbortSignal | undefined
  caption: string | null
  /** What it shows, for those who don't see it. @default null */
  alt?: string | null | undefined
  /** What the app keeps with it, as JSON. @default null */
  data?: string | null | undefined
  /** Hashes of the Idempotency-Key with its owner, and of what was asked for with it. */
  once?: { key: string; hash: string } | undefined
  /** The direct upload that the file came by. */
  uploadId?: string | undefined
  /** The media becomes visible when this transaction of the app commits. */
  trx?: CallersTransaction | undefined
  /** Those of the app and of its route. @default those of the app */
  hooks?: UploadHooks | undefined
  /** Where what the hooks make in memory is counted. */
  memory?: UploadMemory | undefined
  /** Called when the app's scan takes long. @default it is waited for */
  answerSlow?: AnswerSlow | undefined
}

export interface FinishOptions {
  records: Records
  bucket: Pick<Bucket, 'put' | 'makeKey'>
  examine: Examine
  transform: Transform
  quotas: Pick<QuotaKeeper, 'of'>
  hooks: UploadHooks
  scanner: Pick<Scanner, 'around'>
  sweeper: Sweeper
  clock: Clock
  log: Log
  /** Milliseconds until an unfinished upload is swept. */
  deadline: number
  /** Milliseconds that replaced bytes stay readable, for those who are reading them. */
  grace: number
  /** Milliseconds after which unclaimed media are removed. @default never */
  claimWithin?: number | undefined
}

/** How often a write is tried, each time under a key of its own. */
const writeTries = 3
/** All tries together, in milliseconds: a storage that stalls becomes a 503 while the client still waits. */
const longestWrite = 45_000

export function createFinish(options: FinishOptions): Finish {
  const {
    records,
    bucket,
    examine,
    transform,
    quotas,
    scanner,
    sweeper,
    clock,
    log,
    deadline,
    grace,
    claimWithin,
  } = options

  /**
   * One after the other: so a form of many files takes one turn at a time, what follows a file that is refused is not
   * looked into any more, and nothing reads the bytes of any of them when this has ended.
   */
  async function examineAll(
    files: ArrivedFile[],
    { caption = null, ...ticket }: Omit<Ticket, 'caption'> & { caption?: string | null },
    replaces?: string,
  ): Promise<Examined[]> {
    const { owner, signal, way, fields, request, memory } = ticket
    const { transforms } = ticket.hooks ?? options.hooks
    const requester = createRequester({ owner, signal, holds: heldBy(files) }, clock)
    const examineOne = async (file: ArrivedFile) => {
      if ('examined' in file) return file.examined
      const found = await examine(file, requester)
      if (transforms.length === 0) return found
      const origin = { owner, signal, way, fields, request, replaces }
      return transform(file, found, { transforms, origin, caption, memory, requester })
    }
    const examined: Examined[] = []
    for (const [index, file] of files.entries()) {
      try {
        examined.push(await examineOne(file))
      } catch (error) {
        throw aboutFile(error, index, 'examined' in file ? file.examined.name : file.rawName)
      }
    }
    return examined
  }

  /** Stores what is not in the bucket yet under keys that are scheduled for deletion, then lets `commit` make the media visible. */
  async function store(
    files: Examined[],
    ticket: ScanTicket,
    toMedia: (file: Examined, index: number, now: number) => Omit<MediaRow, 'key' | 'writable_until'>,
    commit: (published: PublishedMedia[], scanned: Scanned) => Promise<void>,
    { isCallers = false } = {},
  ): Promise<MediaWithVariants[]> {
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

  return {
    async create(files, ticket) {
      const { owner, caption, once, trx } = ticket
      const hooks = ticket.hooks ?? options.hooks
      const quota = await quotas.of(owner)
      const examined = await examineAll(files, ticket)
      const { ready } = hooks
      const media = await store(
        examined,
        { ...ticket, hooks },
        (file, index, now) => ({
          id: randomId(),
          owner,
          caption: file.caption === undefined ? caption : file.caption,
          alt: file.alt === undefined ? (ticket.alt ?? null) : file.alt,
          data: file.data === undefined ? (ticket.data ?? null) : file.data,
          revision: 1,
          // Files of one form are a millisecond apart, the first the newest: so the list, newest first, has their order.
          created_at: now - index,
          request_key: once?.key ?? null,
          request_index: once ? index : null,
          request_hash: once?.hash ?? null,
          claimed_by: null,
          expires_at: claimWithin === undefined ? null : now + claimWithin,
          ...columnsOf(file),
        }),
        async (published, { uploadIds, isAnswered }) => {
          const isGranted = ticket.uploadId !== undefined
          const media = published.map((one, index) => ({
            ...one,
            uploadId: uploadIds[index],
            isGranted,
            quota,
          }))
          const about = isAnswered ? { ...ticket, signal: undefined } : ticket
          const inside = ready && (await ready(published.map(toRecord), about))
          await records.ledger.publish(media, inside, trx)
        },
        { isCallers: trx !== undefined },
      )
      // Whether the app commits is not known here.
      if (trx) return media
      for (const { media: row } of media)
        log.info('media.created', { id: row.id, type: row.type, bytes: row.bytes })
      return media
    },

    async replace(id, from, file) {
      const { owner } = from
      const old = await records.media.find(id, owner)
      if (!old) throw absent()
      const quota = await quotas.of(old.media.owner)
      const [examined] = await examineAll([file], { ...from, caption: old.media.caption }, id)
      const { key: _, writable_until: __, ...kept } = old.media
      await store(
        [examined as Examined],
        { ...from, hooks: from.hooks ?? options.hooks },
        (next) => ({
          ...kept,
          ...columnsOf(next),
          ...(next.data === undefined ? {} : { data: next.data }),
          revision: kept.revision + 1,
        }),
        async ([next]) => {
          const replaces = { data: (examined as Examined).data, revisions: from.revisions }
          const published = { ...(next as PublishedMedia), quota, replaces }
          const replaced = await records.ledger.replace(published, clock.now() + grace)
          if (!replaced) throw absent()
          crashPoint('replace.committed')
        },
      )
      sweeper.wake()
      log.info('media.replaced', { id, type: (examined as Examined).verdict.type })
      const media = await records.media.find(id, owner)
      if (!media) throw absent()
      return media
    },
  }
}

function toRecord({ media, variants }: PublishedMedia): MediaWithVariants {
  return { media: media as MediaRow, variants }
}

/** Bytes of the uploads' memory, at the most: an unannounced size has doubled until it was enough. */
function heldBy(files: ArrivedFile[]): number {
  const sizes = files.map((file) => ('bytes' in file ? file.bytes.length * 2 : streamBytes))
  return sizes.reduce((sum, size) => sum + size, 1024 * 1024)
}

/** For certain: otherwise what was to be committed may be there. */
function isRolledBack(error: unknown): boolean {
  return (
    error instanceof TintypeError &&
    error.code !== 'database_unavailable' &&
    !(error instanceof TransactionEnded)
  )
}

function absent(): TintypeError {
  return new TintypeError('not_found', 'There is no such photo or video.')
}
