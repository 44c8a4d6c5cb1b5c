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
import type { Examine, Examined, StoredObject } from './examine.ts'

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
/** All tries together, in milliseconds: a storage that stalls becomes a 503 while the client still waits. */
const longestWrite = 45_000

interface Plan extends StoredObject {
  key: string
}

export function createFinish(options: FinishOptions): Finish {
  const { records, bucket, examine, sweeper, clock, log, deadline, grace } = options

  /** Stores the examined files under condemned keys, then lets `commit` make them visible. */
  async function store(
    files: Examined[],
    toMedia: (file: Examined, index: number) => Omit<MediaRow, 'key'>,
    commit: (published: PublishedMedia[], dueAt: number) => Promise<void>,
  ): Promise<MediaWithVariants[]> {
    const dueAt = clock.now() + deadline
    // Writes end well before the deadline, so that none of them can land after the sweeper has been there.
    const signal = AbortSignal.timeout(Math.min(Math.ceil(deadline / 2), longestWrite))
    const plans = files.map((file) =>
      file.objects.map((object) => ({ ...object, key: makeKey(object.name, object.ext) })),
    )
    const condemned = plans.flat().map((plan) => plan.key)
    const abandoned: string[] = []
    try {
      await records.ledger.reserve(condemned, dueAt)
      await Promise.all(plans.flat().map((plan) => write(plan, dueAt, signal, abandoned)))
      const published = files.map((file, index) => toPublished(toMedia(file, index), plans[index] as Plan[]))
      await commitOrReadBack(published, () => commit(published, dueAt))
      if (abandoned.length > 0) await discard(abandoned)
      return published as MediaWithVariants[]
    } catch (error) {
      await discard([...plans.flat().map((plan) => plan.key), ...abandoned])
      throw error
    }
  }

  async function write(plan: Plan, dueAt: number, signal: AbortSignal, abandoned: string[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await bucket.put(plan.key, plan.bytes, { type: plan.type, sha256: plan.sha256, signal })
      } catch (error) {
        if (tries === writeTries || signal.aborted) throw error
        log.warn('put.retried', { key: plan.key, tries, error })
        // The write that failed may still land. A new key keeps it from ever touching what gets published.
        abandoned.push(plan.key)
        plan.key = makeKey(plan.name, plan.ext)
        await records.ledger.reserve([plan.key], dueAt)
      }
    }
  }

  /** A connection that broke during COMMIT leaves the outcome open: it is read back, not guessed. */
  async function commitOrReadBack(published: PublishedMedia[], commit: () => Promise<void>): Promise<void> {
    try {
      await commit()
    } catch (error) {
      if (error instanceof TintypeError) throw error
      // If the commit took place this changes nothing: the keys are off the list. If it did not, it never can now.
      await discard(published.flatMap(keysOf))
      const [first] = published
      const found = first && (await records.media.find(first.media.id, first.media.owner))
      if (found?.media.key !== first?.media.key) throw error
    }
  }

  async function discard(keys: string[]): Promise<void> {
    try {
      await records.ledger.discard(keys, clock.now())
    } catch (error) {
      // They stay condemned, and go when their deadline comes.
      log.error('discard.failed', { keys, error })
    }
    sweeper.wake()
  }

  return {
    async create(files, { owner, caption, request }) {
      const examined = await Promise.all(files.map(examine))
      const created_at = clock.now()
      const media = await store(
        examined,
        (file, index) => ({
          id: randomId(),
          owner,
          caption,
          created_at,
          request_key: request?.key ?? null,
          request_index: request ? index : null,
          request_hash: request?.hash ?? null,
          ...columnsOf(file),
        }),
        (published, dueAt) => records.ledger.publish(published, dueAt),
      )
      for (const { media: row } of media)
        log.info('media.created', { id: row.id, type: row.type, bytes: row.bytes })
      return media
    },

    async replace(id, owner, file) {
      const old = await records.media.find(id, owner)
      if (!old) throw absent()
      const examined = await examine(file)
      const { key: _, ...kept } = old.media
      await store(
        [examined],
        (next) => ({ ...kept, ...columnsOf(next) }),
        async ([next], dueAt) => {
          const replaced = await records.ledger.replace(next as PublishedMedia, dueAt, clock.now() + grace)
          if (!replaced) throw absent()
        },
      )
      sweeper.wake()
      log.info('media.replaced', { id, type: examined.verdict.type })
      const media = await records.media.find(id, owner)
      if (!media) throw absent()
      return media
    },
  }
}

function absent(): TintypeError {
  return new TintypeError('not_found', 'There is no such photo or video.')
}

function columnsOf({ verdict, name, objects: [original], placeholder }: Examined) {
  return {
    kind: verdict.kind,
    type: verdict.type,
    bytes: original.bytes.length,
    sha256: original.sha256,
    width: verdict.width,
    height: verdict.height,
    duration: verdict.duration ?? null,
    name,
    placeholder,
  }
}

function toPublished(media: Omit<MediaRow, 'key'>, [original, ...variants]: Plan[]): PublishedMedia {
  const toVariant = ({ name, key, type, bytes, width, height }: Plan): VariantRow => ({
    media_id: media.id,
    name,
    key,
    type,
    bytes: bytes.length,
    width,
    height,
  })
  return { media: { ...media, key: (original as Plan).key }, variants: variants.map(toVariant) }
}

function keysOf({ media, variants }: PublishedMedia): string[] {
  return [media.key, ...variants.map((variant) => variant.key)]
}
