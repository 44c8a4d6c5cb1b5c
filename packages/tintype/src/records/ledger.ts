import type { Kysely, Transaction } from 'kysely'
import { TintypeError } from '../errors.ts'
import type { DatabaseKind } from './migrations.ts'
import { anyOwner, type Ledger, type MediaRow, type NewMedia, type Owner, type VariantRow } from './schema.ts'

/**
 * Guilty until proven innocent. A key goes on the sweep list before any byte goes to it; the transaction that
 * makes its media visible takes it off. Delete and replace are the same move backwards. So a crash at any
 * point leaves work for the sweeper, never an orphan and never a row without its object.
 */
export interface LedgerMoves {
  /** Durable before the first byte leaves. `dueAt` is the deadline that {@link publish} has to name. */
  reserve(keys: string[], dueAt: number): Promise<void>
  /** Moves the deadline of a long upload. False: the sweeper has claimed a key meanwhile, the upload has lost. */
  extend(keys: string[], dueAt: number, later: number): Promise<boolean>
  /** Gives reserved keys up: they are due at `now`, and once more later, since a write may still land. */
  discard(keys: string[], now: number): Promise<void>
  /**
   * Takes the keys off the sweep list and makes the media visible, in one transaction.
   * @throws {TintypeError} `overloaded` when the sweeper has claimed a key: the upload took too long, nothing is
   * visible. `conflict` when another request with the same request_key was faster.
   */
  publish(media: PublishedMedia[], dueAt: number): Promise<void>
  /**
   * Gives the media new bytes. The old keys are due at `oldDueAt`.
   * @returns false when there is no such media of this owner
   */
  replace(next: PublishedMedia, dueAt: number, oldDueAt: number): Promise<boolean>
  /**
   * Takes the media out of sight and puts every key of it on the sweep list, in one transaction.
   * @returns its keys, or undefined when there is no such media of this owner
   */
  remove(id: string, owner: Owner, dueAt: number): Promise<string[] | undefined>
}

export interface PublishedMedia {
  media: NewMedia
  variants: VariantRow[]
}

export function createLedgerMoves(db: Kysely<Ledger>, kind: DatabaseKind): LedgerMoves {
  return {
    async reserve(keys, dueAt) {
      await db
        .insertInto('sweep')
        .values(keys.map((key) => ({ key, due_at: dueAt, recheck: 1, attempts: 0 })))
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

    async publish(media, dueAt) {
      await db
        .transaction()
        .execute(async (trx) => {
          await acquit(trx, media, dueAt)
          await trx
            .insertInto('media')
            .values(media.map((one) => one.media))
            .execute()
          const variants = media.flatMap((one) => one.variants)
          if (variants.length > 0) await trx.insertInto('variant').values(variants).execute()
        })
        .catch((error: unknown) => {
          if (!isUniqueViolation(error)) throw error
          throw new TintypeError('conflict', 'The same request was carried out meanwhile.', { cause: error })
        })
    },

    async replace({ media, variants }, dueAt, oldDueAt) {
      return db.transaction().execute(async (trx) => {
        const old = await lockMedia(trx, media.id, media.owner)
        if (!old) return false
        await acquit(trx, [{ media, variants }], dueAt)
        const oldKeys = [old.key, ...(await takeVariants(trx, media.id))]
        const { id, owner, created_at, request_key, request_index, request_hash, caption, ...bytes } = media
        await trx.updateTable('media').set(bytes).where('id', '=', id).execute()
        if (variants.length > 0) await trx.insertInto('variant').values(variants).execute()
        await condemn(trx, oldKeys, oldDueAt)
        return true
      })
    },

    async remove(id, owner, dueAt) {
      return db.transaction().execute(async (trx) => {
        const old = await lockMedia(trx, id, owner)
        if (!old) return undefined
        const keys = [old.key, ...(await takeVariants(trx, id))]
        await trx.deleteFrom('media').where('id', '=', id).execute()
        await condemn(trx, keys, dueAt)
        return keys
      })
    },
  }

  /** Two requests that change one media take turns. SQLite's transactions do so anyway. */
  async function lockMedia(
    trx: Transaction<Ledger>,
    id: string,
    owner: Owner,
  ): Promise<MediaRow | undefined> {
    let query = trx.selectFrom('media').selectAll().where('id', '=', id)
    if (owner !== anyOwner) query = query.where('owner', '=', owner)
    return (kind === 'postgres' ? query.forUpdate() : query).executeTakeFirst()
  }
}

/** Keys leave the list only with the due date that the uploader was given: a sweeper's claim moves it. */
async function acquit(trx: Transaction<Ledger>, media: PublishedMedia[], dueAt: number): Promise<void> {
  const keys = media.flatMap((one) => [one.media.key, ...one.variants.map((variant) => variant.key)])
  const { numDeletedRows } = await trx
    .deleteFrom('sweep')
    .where('key', 'in', keys)
    .where('due_at', '=', dueAt)
    .executeTakeFirst()
  if (Number(numDeletedRows) !== keys.length) {
    throw new TintypeError('overloaded', 'The upload took longer than its deadline. Send it again.')
  }
}

async function takeVariants(trx: Transaction<Ledger>, mediaId: string): Promise<string[]> {
  const rows = await trx.deleteFrom('variant').where('media_id', '=', mediaId).returning('key').execute()
  return rows.map((row) => row.key)
}

/** `recheck` is 0: these objects were written whole before their row existed, nothing is on its way to them. */
async function condemn(trx: Transaction<Ledger>, keys: string[], dueAt: number): Promise<void> {
  await trx
    .insertInto('sweep')
    .values(keys.map((key) => ({ key, due_at: dueAt, recheck: 0, attempts: 0 })))
    .execute()
}

function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const postgres = 'code' in error && error.code === '23505'
  return postgres || error.message.startsWith('UNIQUE constraint failed')
}
