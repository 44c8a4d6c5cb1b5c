import { type Kysely, sql } from 'kysely'
import type { PendingKey, RemovedKey } from './ledger-types.ts'
import type { DatabaseKind } from './place.ts'
import { anyOwner, type Ledger, type MediaRow, type Owner, type VariantRow } from './schema.ts'

/** Milliseconds. */
const shortLockWait = 500

/** Until this transaction ends, a statement that has to wait longer for a lock fails. SQLite has but one lock. */
export async function limitLockWait(trx: Kysely<Ledger>, kind: DatabaseKind): Promise<void> {
  if (kind !== 'postgres') return
  await sql`set local lock_timeout = ${sql.lit(shortLockWait)}`.execute(trx)
}

/** Two requests that change one media take turns. SQLite's transactions do so anyway. */
export async function lockMedia(
  trx: Kysely<Ledger>,
  kind: DatabaseKind,
  id: string,
  owner: Owner,
  { skipLocked = false } = {},
): Promise<MediaRow | undefined> {
  let query = trx.selectFrom('media').selectAll().where('id', '=', id)
  if (owner !== anyOwner) query = query.where('owner', '=', owner)
  if (kind === 'postgres') query = skipLocked ? query.forUpdate().skipLocked() : query.forUpdate()
  return query.executeTakeFirst()
}

const inDated = (pending: PendingKey[]) => {
  const dated = sql.join(pending.map(({ key, dueAt }) => sql`(${key}, cast(${dueAt} as bigint))`))
  return sql<boolean>`(key, due_at) in (values ${dated})`
}

/**
 * Keys leave the list only with the due date that was given to those who wrote to them, or that was promised to those who
 * may want them back: a sweeper's lease moves it.
 * @returns false when a key is the sweeper's by now
 */
export async function cancelDeletion(trx: Kysely<Ledger>, pending: PendingKey[]): Promise<boolean> {
  const { numDeletedRows } = await trx.deleteFrom('sweep').where(inDated(pending)).executeTakeFirst()
  return Number(numDeletedRows) === pending.length
}

/**
 * Gives kept keys another date.
 * @returns those that have it: the others are the sweeper's by now
 */
export async function moveDeletion(
  trx: Kysely<Ledger>,
  keys: string[],
  { from, to, isKept = true }: { from: number; to: number; isKept?: boolean },
): Promise<string[]> {
  const rows = await trx
    .updateTable('sweep')
    .set({ due_at: to, ...(isKept ? {} : { media_id: null }) })
    .where(inDated(keys.map((key) => ({ key, dueAt: from }))))
    .returning('key')
    .execute()
  return rows.map(({ key }) => key)
}

export async function variantsOf(trx: Kysely<Ledger>, { id }: MediaRow): Promise<VariantRow[]> {
  return trx.selectFrom('variant').selectAll().where('media_id', '=', id).execute()
}

/** Takes the variants out of sight, and those that are still to be made off their list. */
export async function takeVariants(trx: Kysely<Ledger>, { id }: MediaRow): Promise<VariantRow[]> {
  await trx.deleteFrom('variant_job').where('media_id', '=', id).execute()
  return trx.deleteFrom('variant').where('media_id', '=', id).returningAll().execute()
}

export function originalOf({ key, writable_until }: MediaRow): RemovedKey {
  return { key, writableUntil: writable_until === null ? null : Number(writable_until) }
}

/**
 * These objects were written whole before their row existed, so no write of ours is under way; but a signed URL may
 * still be in use, and write to the key once the object is gone.
 */
export async function scheduleDeletion(
  trx: Kysely<Ledger>,
  keys: RemovedKey[],
  dueAt: number,
): Promise<void> {
  await trx
    .insertInto('sweep')
    .values(keys.map((key) => sweepRow(key, dueAt)))
    .execute()
}

/** The same for objects that may be wanted back: until then they have to be there. */
export async function scheduleKept(
  trx: Kysely<Ledger>,
  mediaId: string,
  keys: (RemovedKey & { bytes: number })[],
  dueAt: number,
): Promise<void> {
  await trx
    .insertInto('sweep')
    .values(keys.map(({ bytes, ...key }) => ({ ...sweepRow(key, dueAt), media_id: mediaId, bytes })))
    .execute()
}

function sweepRow({ key, writableUntil }: RemovedKey, dueAt: number) {
  return {
    key,
    due_at: dueAt,
    writable_until: writableUntil,
    recheck: writableUntil === null ? 0 : 1,
    attempts: 0,
  }
}
