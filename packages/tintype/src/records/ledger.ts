import { type Insertable, type Kysely, sql, type Transaction } from 'kysely'
import { crashPoint } from '../crash-points.ts'
import { TintypeError } from '../errors.ts'
import { type CallersTransaction, overCallers } from './callers.ts'
import { createGroup } from './group.ts'
import type { DatabaseKind } from './migrations.ts'
import {
  anyOwner,
  type Ledger,
  type MediaRow,
  type NewMedia,
  type Owner,
  type SweepTable,
  type VariantRow,
} from './schema.ts'

/**
 * Guilty until proven innocent. A key goes on the sweep list before any byte goes to it; the transaction that
 * makes its media visible takes it off. Delete and replace are the same move backwards. So a crash at any
 * point leaves work for the sweeper, never an orphan and never a row without its object.
 */
export interface LedgerMoves {
  /**
   * Durable before the first byte leaves. `dueAt` is the deadline that {@link publish} has to name.
   * @param options.multipart an S3 multipart upload will be begun at these keys: its id is not known yet
   */
  reserve(keys: string[], dueAt: number, options?: { multipart?: boolean }): Promise<void>
  /** The S3 multipart upload that was begun at a reserved key: the sweeper has to abort it. */
  nameMultipart(key: string, uploadId: string): Promise<void>
  /** Moves the deadline of a long upload. False: the sweeper has claimed a key meanwhile, the upload has lost. */
  extend(keys: string[], dueAt: number, later: number): Promise<boolean>
  /** Gives reserved keys up: they are due at `now`, and once more later, since a write may still land. */
  discard(keys: string[], now: number): Promise<void>
  /**
   * Takes the keys off the sweep list and makes the media visible, in one transaction.
   * @throws {TintypeError} `overloaded` when the sweeper has claimed a key: the upload took too long, nothing is
   * visible. `conflict` when another request with the same request_key, or of the same direct upload, was faster.
   */
  publish(media: PublishedMedia[]): Promise<void>
  /**
   * Gives the media new bytes. The old keys are due at `oldDueAt`.
   * @returns false when there is no such media of this owner
   */
  replace(next: PublishedMedia, oldDueAt: number): Promise<boolean>
  /**
   * Takes the media out of sight and puts every key of it on the sweep list, in one transaction.
   * @param options.expiredAt only if it is unclaimed and has expired by then
   * @param options.trx happens when this transaction of the app commits
   * @returns its keys, or undefined when there is no such media of this owner
   * @throws {TintypeError} `conflict` when a foreign key of the app's own tables holds on to it
   */
  remove(
    id: string,
    owner: Owner,
    dueAt: number,
    options?: { expiredAt?: number; trx?: CallersTransaction | undefined },
  ): Promise<RemovedKey[] | undefined>
  /**
   * Says what uses the media, which then never expires. The same claim may be made again.
   * @returns 'absent' when there is no such media of this owner, 'taken' when something else has claimed it
   */
  claim(
    id: string,
    owner: Owner,
    by: string,
    trx?: CallersTransaction,
  ): Promise<'claimed' | 'absent' | 'taken'>
}

export interface PublishedMedia {
  media: NewMedia
  variants: VariantRow[]
  /** Every key of it, with the deadline it has on the sweep list. */
  held: HeldKey[]
  /** The direct upload that this came from: it ends in the same transaction, and its key is due unless held. */
  uploadId?: string | undefined
}

export interface HeldKey {
  key: string
  dueAt: number
}

export interface RemovedKey {
  key: string
  /** Until then a signed URL may still write to it. */
  writableUntil: number | null
}

type NewSweepRow = Insertable<SweepTable>

/** Moves inside a transaction that is under way: ours, or the app's own. */
export type LedgerSteps = ReturnType<typeof createLedgerSteps>

/** @param options.group whether concurrent calls share their commits. @default true */
export function createLedgerMoves(
  db: Kysely<Ledger>,
  kind: DatabaseKind,
  { group = true }: { group?: boolean } = {},
): LedgerMoves {
  const steps = createLedgerSteps(kind)
  // SQLite has one writer; on Postgres two transactions go side by side while others gather.
  const atOnce = kind === 'postgres' ? 2 : 1
  const grouped = <T>(work: (items: T[]) => Promise<void>) =>
    group ? createGroup(work, atOnce) : alone(work)

  const reserve = grouped(async (rows: NewSweepRow[][]) => {
    await db.insertInto('sweep').values(rows.flat()).execute()
    crashPoint('ledger.reserved')
  })

  const publishAll = (all: PublishedMedia[][]) =>
    db.transaction().execute((trx) => steps.publish(trx, all.flat()))

  const publish = grouped(async (all: PublishedMedia[][]) => {
    try {
      await publishAll(all)
    } catch (error) {
      if (all.length === 1 || isUnavailable(error)) throw error
      // Somebody in the group has lost its key or a race. Nothing was committed: each for itself, then.
      throw new Apart()
    }
  })

  const inside = <T>(trx: CallersTransaction | undefined, work: (on: Kysely<Ledger>) => Promise<T>) =>
    trx ? work(overCallers(trx)) : db.transaction().execute(work)

  return {
    reserve(keys, dueAt, { multipart = false } = {}) {
      const upload_id = multipart ? '' : null
      return reserve(keys.map((key) => ({ key, upload_id, due_at: dueAt, recheck: 1, attempts: 0 })))
    },

    async nameMultipart(key, uploadId) {
      // Who was suspended for so long that the sweeper has forgotten the key puts it back, due at once.
      await db
        .insertInto('sweep')
        .values({ key, upload_id: uploadId, due_at: 0, recheck: 1, attempts: 0 })
        .onConflict((c) => c.column('key').doUpdateSet({ upload_id: uploadId }))
        .execute()
    },

    async extend(keys, dueAt, later) {
      const { numUpdatedRows } = await db
        .updateTable('sweep')
        .set({ due_at: later })
        .where('key', 'in', keys)
        .where('due_at', '=', dueAt)
        .executeTakeFirst()
      return Number(numUpdatedRows) === keys.length
    },

    async discard(keys, now) {
      await db
        .updateTable('sweep')
        .set({ due_at: now, recheck: 1 })
        .where('key', 'in', keys)
        .where('due_at', '>', now)
        .execute()
    },

    async publish(media) {
      try {
        await publish(media).catch((error: unknown) => {
          if (error instanceof Apart) return publishAll([media])
          throw error
        })
      } catch (error) {
        if (!isUniqueViolation(error)) throw error
        throw new TintypeError('conflict', 'The same request was carried out meanwhile.', { cause: error })
      }
    },

    replace: (next, oldDueAt) => db.transaction().execute((trx) => steps.replace(trx, next, oldDueAt)),

    remove: (id, owner, dueAt, { trx, expiredAt } = {}) =>
      inside(trx, (on) => steps.remove(on, id, owner, dueAt, expiredAt)),

    claim: (id, owner, by, trx) => inside(trx, (on) => steps.claim(on, id, owner, by)),
  }
}

/** A group that failed as a whole, without anything committed. */
class Apart extends Error {}

function alone<T>(work: (items: T[]) => Promise<void>): (item: T) => Promise<void> {
  return (item) => work([item])
}

function isUnavailable(error: unknown): boolean {
  return error instanceof TintypeError && error.code === 'database_unavailable'
}

export function createLedgerSteps(kind: DatabaseKind) {
  /** Two requests that change one media take turns. SQLite's transactions do so anyway. */
  async function lockMedia(
    trx: Kysely<Ledger>,
    id: string,
    owner: Owner,
    { skipLocked = false } = {},
  ): Promise<MediaRow | undefined> {
    let query = trx.selectFrom('media').selectAll().where('id', '=', id)
    if (owner !== anyOwner) query = query.where('owner', '=', owner)
    if (kind === 'postgres') query = skipLocked ? query.forUpdate().skipLocked() : query.forUpdate()
    return query.executeTakeFirst()
  }

  return {
    async publish(trx: Transaction<Ledger>, media: PublishedMedia[]): Promise<void> {
      await acquit(trx, media)
      await trx
        .insertInto('media')
        .values(media.map((one) => one.media))
        .execute()
      const variants = media.flatMap((one) => one.variants)
      if (variants.length > 0) await trx.insertInto('variant').values(variants).execute()
      for (const one of media) await endUpload(trx, one)
      crashPoint('ledger.publishing')
    },

    async replace(trx: Transaction<Ledger>, next: PublishedMedia, oldDueAt: number): Promise<boolean> {
      const { media, variants } = next
      const old = await lockMedia(trx, media.id, media.owner)
      if (!old) return false
      await acquit(trx, [next])
      const oldKeys = await takeKeys(trx, old)
      const { key, kind, type, bytes, sha256, width, height, duration, name, placeholder } = media
      await trx
        .updateTable('media')
        .set({
          key,
          kind,
          type,
          bytes,
          sha256,
          width,
          height,
          duration,
          name,
          placeholder,
          writable_until: null,
        })
        .where('id', '=', media.id)
        .execute()
      if (variants.length > 0) await trx.insertInto('variant').values(variants).execute()
      await condemn(trx, oldKeys, oldDueAt)
      crashPoint('ledger.replacing')
      return true
    },

    async remove(
      trx: Kysely<Ledger>,
      id: string,
      owner: Owner,
      dueAt: number,
      expiredAt?: number,
    ): Promise<RemovedKey[] | undefined> {
      // Somebody who claims it at this moment holds its row: it doesn't expire then.
      const old = await lockMedia(trx, id, owner, { skipLocked: expiredAt !== undefined })
      if (!old) return undefined
      if (expiredAt !== undefined && (old.expires_at === null || Number(old.expires_at) > expiredAt))
        return undefined
      const keys = await takeKeys(trx, old)
      await trx
        .deleteFrom('media')
        .where('id', '=', id)
        .execute()
        .catch((error: unknown) => {
          if (!isForeignKeyViolation(error)) throw error
          throw new TintypeError('conflict', 'The app still uses this photo or video.', { cause: error })
        })
      await condemn(trx, keys, dueAt)
      crashPoint('ledger.removing')
      return keys
    },

    async claim(trx: Kysely<Ledger>, id: string, owner: Owner, by: string) {
      const media = await lockMedia(trx, id, owner)
      if (!media) return 'absent'
      if (media.claimed_by !== null && media.claimed_by !== by) return 'taken'
      await trx.updateTable('media').set({ claimed_by: by, expires_at: null }).where('id', '=', id).execute()
      return 'claimed'
    },
  }
}

/** Keys leave the list only with the due date that the uploader was given: a sweeper's claim moves it. */
async function acquit(trx: Transaction<Ledger>, media: PublishedMedia[]): Promise<void> {
  const held = media.flatMap((one) => one.held)
  const dated = sql.join(held.map(({ key, dueAt }) => sql`(${key}, cast(${dueAt} as bigint))`))
  const { numDeletedRows } = await trx
    .deleteFrom('sweep')
    .where(sql<boolean>`(key, due_at) in (values ${dated})`)
    .executeTakeFirst()
  if (Number(numDeletedRows) !== held.length) {
    throw new TintypeError('overloaded', 'The upload took longer than its deadline. Send it again.')
  }
}

/** When the media got a key of its own, the one that the browser wrote to is due at once. */
async function endUpload(trx: Transaction<Ledger>, { media, uploadId }: PublishedMedia): Promise<void> {
  if (uploadId === undefined) return
  const upload = await trx
    .updateTable('upload')
    .set({ media_id: media.id })
    .where('id', '=', uploadId)
    .where('media_id', 'is', null)
    .where('refusal', 'is', null)
    .returning(['key', 'due_at'])
    .executeTakeFirst()
  if (!upload) throw new TintypeError('conflict', 'The upload has ended already.')
  await trx
    .updateTable('sweep')
    .set({ due_at: 0 })
    .where('key', '=', upload.key)
    .where('due_at', '=', upload.due_at)
    .execute()
}

async function takeKeys(trx: Kysely<Ledger>, media: MediaRow): Promise<RemovedKey[]> {
  const variants = await trx.deleteFrom('variant').where('media_id', '=', media.id).returning('key').execute()
  const writableUntil = media.writable_until === null ? null : Number(media.writable_until)
  return [{ key: media.key, writableUntil }, ...variants.map(({ key }) => ({ key, writableUntil: null }))]
}

/**
 * These objects were written whole before their row existed, so nothing of ours is on its way to them; but
 * somebody may hold a signed URL, and use it once the object is gone.
 */
async function condemn(trx: Kysely<Ledger>, keys: RemovedKey[], dueAt: number): Promise<void> {
  await trx
    .insertInto('sweep')
    .values(
      keys.map(({ key, writableUntil }) => ({
        key,
        due_at: dueAt,
        writable_until: writableUntil,
        recheck: writableUntil === null ? 0 : 1,
        attempts: 0,
      })),
    )
    .execute()
}

export function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const postgres = 'code' in error && error.code === '23505'
  return postgres || error.message.startsWith('UNIQUE constraint failed')
}

/** A row of the app's own tables refers to it. */
function isForeignKeyViolation(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const postgres = 'code' in error && error.code === '23503'
  return postgres || error.message.startsWith('FOREIGN KEY constraint failed')
}
