import type { Kysely } from 'kysely'
import type { DatabaseKind } from './place.ts'
import { tailIn } from './resumable-tables.ts'
import type { Ledger, VersionRow } from './schema.ts'
import { goneSince, type KeptVersion, keysOf, moveVersion, same, toKept } from './version-steps.ts'

/** Rows of one transaction: on SQLite nobody else writes meanwhile. */
const page = 500

/**
 * Gives every date of the ledger that is over, or will be by then, this one instead, in one pass over each table by its
 * key: it ends, however much is written meanwhile, and passes over nothing twice.
 */
export async function postponeAll(db: Kysely<Ledger>, kind: DatabaseKind, until: number): Promise<void> {
  await inPages(db, (trx, after: VersionPlace | undefined) => postponeVersions(trx, kind, until, after))
  await inPages(db, (trx, after: string | undefined) => postponeUploads(trx, until, after))
  await inPages(db, (trx, after: string | undefined) => postponeDeletions(trx, until, after))
  await inPages(db, (trx, after: string | undefined) => postponeExpiry(trx, until, after))
}

/** @param work one page, after that place. Undefined: there are no more */
async function inPages<T>(
  db: Kysely<Ledger>,
  work: (trx: Kysely<Ledger>, after: T | undefined) => Promise<T | undefined>,
): Promise<void> {
  let after: T | undefined
  do after = await db.transaction().execute((trx) => work(trx, after))
  while (after !== undefined)
}

type VersionPlace = Pick<VersionRow, 'media_id' | 'revision'>

async function postponeVersions(
  trx: Kysely<Ledger>,
  kind: DatabaseKind,
  until: number,
  after: VersionPlace = { media_id: '', revision: 0 },
): Promise<VersionPlace | undefined> {
  const query = trx
    .selectFrom('version')
    .selectAll()
    .where('content', 'is not', null)
    .where('due_at', '<', until)
    .where((e) => e(e.refTuple('media_id', 'revision'), '>', e.tuple(after.media_id, after.revision)))
    .orderBy('media_id')
    .orderBy('revision')
    .limit(page)
  // As restoring one does: the version first, then its keys.
  const rows = await (kind === 'postgres' ? query.forUpdate() : query).execute()
  for (const row of rows) await postponeVersion(trx, toKept(row), until)
  return rows.length === page ? rows.at(-1) : undefined
}

/** By its date, as restoring it does: a state of which the sweeper had begun to delete can't be had any more. */
async function postponeVersion(trx: Kysely<Ledger>, version: KeptVersion, until: number): Promise<void> {
  if (!(await moveVersion(trx, version, until))) return giveUp(trx, version, version.due_at)
  const later = { due_at: until, restorable_until: until }
  await trx.updateTable('version').set(later).where(same(version)).execute()
}

/** What can't be had again is remembered as gone. Its keys stay on the list. */
export async function giveUp(trx: Kysely<Ledger>, version: KeptVersion, date: number): Promise<void> {
  await trx.updateTable('sweep').set({ media_id: null }).where('key', 'in', keysOf(version)).execute()
  await trx.updateTable('version').set(goneSince(version.owner, date)).where(same(version)).execute()
}

/** With the keys of each, whose date completing it names. */
async function postponeUploads(trx: Kysely<Ledger>, until: number, after = ''): Promise<string | undefined> {
  const rows = await trx
    .selectFrom('upload')
    .leftJoin('resumable', 'resumable.upload_id', 'upload.id')
    .select(['upload.id', 'upload.key', 'resumable.tail'])
    .where('upload.id', '>', after)
    .where('upload.due_at', '<', until)
    .orderBy('upload.id')
    .limit(page)
    .execute()
  if (rows.length === 0) return undefined
  const ids = rows.map(({ id }) => id)
  const keys = rows.flatMap(({ key, tail }) => [key, ...tailIn(tail ?? '[]').map((one) => one.key)])
  await trx.updateTable('upload').set({ due_at: until }).where('id', 'in', ids).execute()
  await trx
    .updateTable('sweep')
    .set(anew(until))
    .where('key', 'in', keys)
    .where('due_at', '<', until)
    .execute()
  return rows.length === page ? ids.at(-1) : undefined
}

/** What nobody wants back. */
async function postponeDeletions(
  trx: Kysely<Ledger>,
  until: number,
  after = '',
): Promise<string | undefined> {
  const end = await trx
    .selectFrom('sweep')
    .select('key')
    .where('key', '>', after)
    .orderBy('key')
    .limit(1)
    .offset(page - 1)
    .executeTakeFirst()
  await trx
    .updateTable('sweep')
    .set(anew(until))
    .where('key', '>', after)
    .$if(end !== undefined, (q) => q.where('key', '<=', String(end?.key)))
    .where('due_at', '<', until)
    .where('media_id', 'is', null)
    .execute()
  return end?.key
}

/** The failures of before are none of the bucket of now. */
const anew = (until: number) => ({ due_at: until, attempts: 0, error: null })

async function postponeExpiry(trx: Kysely<Ledger>, until: number, after = ''): Promise<string | undefined> {
  const rows = await trx
    .selectFrom('media')
    .select('id')
    .where('id', '>', after)
    .where('expires_at', '<', until)
    .orderBy('id')
    .limit(page)
    .execute()
  if (rows.length === 0) return undefined
  const ids = rows.map(({ id }) => id)
  await trx
    .updateTable('media')
    .set({ expires_at: until })
    .where('id', 'in', ids)
    .where('expires_at', '<', until)
    .execute()
  return rows.length === page ? ids.at(-1) : undefined
}
