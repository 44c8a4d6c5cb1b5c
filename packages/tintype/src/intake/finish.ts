import type { Bucket } from '../bucket/bucket.ts'
import type { Clock } from '../clock.ts'
import { crashPoint } from '../crash-points.ts'
import type { Derivation } from '../derive/derive.ts'
import { TintypeError } from '../errors.ts'
import type { Origin, UploadHooks } from '../hooks/hooks.ts'
import { randomId } from '../ids.ts'
import type { Log } from '../log.ts'
import type { QuotaKeeper } from '../quotas/quotas.ts'
import type { CallersTransaction } from '../records/callers.ts'
import type { PublishedMedia } from '../records/ledger-types.ts'
import type { MediaWithVariants } from '../records/media-records.ts'
import type { Records } from '../records/records.ts'
import type { Sweeper } from '../sweep/sweeper.ts'
import { traced } from '../traces/channels.ts'
import { keepFor } from '../undo-window.ts'
import { aboutFile } from './about-file.ts'
import type { ArrivedFile, CleanedFile } from './files.ts'
import { streamBytes } from './part-plan.ts'
import { columnsOf } from './planned-objects.ts'
import type { Prepare } from './prepare.ts'
import { createRequester } from './requester.ts'
import type { AnswerSlow, Scanner } from './scan/scan.ts'
import { createStore, toRecord } from './store.ts'
import type { UploadMemory } from './transform.ts'

/**
 * The common ending of all ways in: inspect, let the app transform what is in memory, clean it, schedule the keys for deletion,
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
  bucket: Pick<Bucket, 'put' | 'makeKey' | 'makeFolder'>
  prepare: Prepare
  quotas: Pick<QuotaKeeper, 'of'>
  hooks: UploadHooks
  scanner: Pick<Scanner, 'around'>
  sweeper: Sweeper
  /** Makes further variants of what was published. */
  variants: Pick<Derivation, 'jobsFor' | 'handOver' | 'wake'>
  clock: Clock
  log: Log
  /** Milliseconds until an unfinished upload is swept. */
  deadline: number
  /** Milliseconds that replaced bytes stay readable, for those who are reading them. */
  grace: number
  /** Milliseconds in which replaced bytes can be had again. @default 0 */
  undo?: number
  /** Milliseconds after which unclaimed media are removed. @default never */
  claimWithin?: number | undefined
}

/** Milliseconds within which most transactions of an app commit. */
const afterCommit = 1000

export function createFinish(options: FinishOptions): Finish {
  const { records, prepare, quotas, sweeper, variants, clock, log, grace, claimWithin } = options
  const { undo = 0 } = options
  const store = createStore(options)

  /**
   * One after the other: so a form of many files takes one turn at a time, what follows a file that is refused is not
   * looked into any more, and nothing reads the bytes of any of them when this has ended.
   */
  async function examineAll(
    files: ArrivedFile[],
    { caption = null, ...ticket }: Omit<Ticket, 'caption'> & { caption?: string | null },
    replaces?: string,
  ): Promise<CleanedFile[]> {
    const { owner, signal, way, fields, request, memory } = ticket
    const { transforms } = ticket.hooks ?? options.hooks
    const requester = createRequester({ owner, signal, holds: heldBy(files) }, clock)
    const examineOne = async (file: ArrivedFile) => {
      if ('examined' in file) return file.examined
      const origin = { owner, signal, way, fields, request, replaces }
      return prepare(file, { transforms, origin, caption, memory, requester })
    }
    const examined: CleanedFile[] = []
    for (const [index, file] of files.entries()) {
      try {
        examined.push(await examineOne(file))
      } catch (error) {
        throw aboutFile(error, index, 'examined' in file ? file.examined.name : file.rawName)
      }
    }
    return examined
  }

  function handOver(made: readonly MediaWithVariants[], examined: readonly CleanedFile[]): void {
    for (const [index, { media }] of made.entries()) {
      const { early } = examined[index] ?? {}
      if (early) variants.handOver(media.key, early)
    }
  }

  return {
    async create(files, ticket) {
      const { owner, caption, once, trx } = ticket
      const hooks = ticket.hooks ?? options.hooks
      const quota = await quotas.of(owner)
      const examined = await examineAll(files, ticket)
      const { ready } = hooks
      let isMoreWanted = false
      const media = await store(
        examined,
        { ...ticket, hooks },
        (file, index, now) => ({
          // An upload that can go on later was told its address before: clients that know nothing else find the media by it.
          id: (ticket.way === 'resumable' && ticket.uploadId) || randomId(),
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
          hold_reason: null,
          held_at: null,
          expires_at: claimWithin === undefined ? null : now + claimWithin,
          ...columnsOf(file, { createdAt: now - index, now }),
        }),
        async (published, { uploadIds, isAnswered }) => {
          const isGranted = ticket.uploadId !== undefined
          const media = published.map((one, index) => ({
            ...one,
            variantJobs: variants.jobsFor(one.media, one.variants, clock.now()),
            uploadId: uploadIds[index],
            isGranted,
            quota,
          }))
          isMoreWanted = media.some((one) => one.variantJobs.length > 0)
          const about = isAnswered ? { ...ticket, signal: undefined } : ticket
          const made = published.map((one, index) => ({
            ...toRecord(one),
            location: examined[index]?.cleaning.location,
          }))
          const inside = ready && (await ready(made, about))
          const describe = () => ({ media: media.map((one) => one.media.id) })
          await traced('commit', describe, () => records.ledger.publish(media, inside, trx))
        },
        { isCallers: trx !== undefined },
      )
      handOver(media, examined)
      // Whether the app commits, and when, is not known here.
      if (trx) {
        if (isMoreWanted) clock.after(afterCommit, () => variants.wake())
        return media
      }
      if (isMoreWanted) variants.wake()
      for (const { media: row } of media)
        log.info('media.created', { id: row.id, type: row.type, bytes: row.bytes })
      // They are published, whatever comes of this.
      return records.media.withPairs(media).catch(() => media)
    },

    async replace(id, from, file) {
      const { owner } = from
      const old = await records.media.find(id, owner)
      if (!old) throw absent()
      const quota = await quotas.of(old.media.owner)
      const [examined] = await examineAll([file], { ...from, caption: old.media.caption }, id)
      const { key: _, writable_until: __, ...kept } = old.media
      const made = await store(
        [examined as CleanedFile],
        { ...from, hooks: from.hooks ?? options.hooks },
        (next, _index, now) => ({
          ...kept,
          ...columnsOf(next, { createdAt: Number(kept.created_at), now }),
          ...(next.data === undefined ? {} : { data: next.data }),
          revision: kept.revision + 1,
        }),
        async ([next]) => {
          const replaces = { data: (examined as CleanedFile).data, revisions: from.revisions }
          const { media, ...rest } = next as PublishedMedia
          const variantJobs = variants.jobsFor(media, rest.variants, clock.now())
          const published = { media, ...rest, variantJobs, quota, replaces }
          const keep = keepFor(undo, clock, grace)
          const due = clock.now() + grace
          const work = () => records.ledger.replace(published, due, keep)
          const replaced = await traced('commit', () => ({ media: [id] }), work)
          if (!replaced) throw absent()
          crashPoint('replace.committed')
        },
      )
      handOver(made, [examined as CleanedFile])
      sweeper.wake()
      variants.wake()
      log.info('media.replaced', { id, type: (examined as CleanedFile).verdict.type })
      const media = await records.media.find(id, owner)
      if (!media) throw absent()
      return media
    },
  }
}

/** Bytes of the uploads' memory, at the most: an unannounced size has doubled until it was enough. */
function heldBy(files: ArrivedFile[]): number {
  const sizes = files.map((file) => ('bytes' in file ? file.bytes.length * 2 : streamBytes))
  return sizes.reduce((sum, size) => sum + size, 1024 * 1024)
}

function absent(): TintypeError {
  return new TintypeError('not_found', 'There is no such photo or video.')
}
