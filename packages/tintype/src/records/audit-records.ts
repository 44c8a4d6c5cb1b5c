import { type Kysely, sql } from 'kysely'
import type { Ledger } from './schema.ts'
import { hasFailed } from './sweep-list.ts'

/** The ledger as the audit sees it: which keys it names, in the order in which S3 lists them. */
export interface AuditRecords {
  /** Originals after this key, in the order of UTF-8 bytes, by keyset: the last page costs what the first does. */
  originals(after: string, limit: number): Promise<RecordedObject[]>
  /** Variants after this key, likewise. */
  variants(after: string, limit: number): Promise<RecordedObject[]>
  /** What removed and replaced media that can be had again need, likewise. */
  restorable(after: string, limit: number): Promise<RecordedObject[]>
  /** What names these keys, all of it read at one instant. Keys that nothing names are left out. */
  named(keys: string[]): Promise<NamedKey[]>
  /** Up to `limit` keys of visible media that are on the sweep list all the same: they would be deleted. */
  scheduled(limit: number): Promise<NamedKey[]>
  /** How many objects the ledger names, and how many keys are on the sweep list. Counts rows one by one. */
  count(): Promise<{ objects: number; sweep: number }>
  /**
   * How far the sweeper is behind: how many keys are due at `now` and since when, and how many have failed at least
   * `attempts` times.
   */
  backlog(now: number, attempts: number): Promise<{ due: number; oldest: number | undefined; stuck: number }>
  /** Puts keys that nothing names on the sweep list, due at `now`. Those on the list already stay as they are. */
  scheduleDeletion(keys: string[], now: number): Promise<void>
}

/** An object that has to be in the bucket. */
export interface RecordedObject {
  key: string
  bytes: number
  /** Lower-case hex. Variants have none on record. */
  sha256: string | null
  mediaId: string
  /** `original`, or the variant's name; empty where it is not visible. */
  name: string
}

export interface NamedKey {
  key: string
  /** The visible media that the key belongs to. */
  object?: RecordedObject
  /** The key is on the sweep list: with this S3 multipart upload, an unknown one (''), or none (null). */
  sweep?: { uploadId: string | null }
  /** It is needed to have a removed or replaced media again. */
  restorable?: RecordedObject
  /** Its media was lost, and is not visible: the object is here again. */
  isLost?: true
}

export function createAuditRecords(db: Kysely<Ledger>): AuditRecords {
  const originals = db
    .selectFrom('media')
    .select([
      'key',
      'bytes',
      sql<string | null>`sha256`.as('sha256'),
      'id as mediaId',
      sql<string>`'original'`.as('name'),
    ])
  const variants = db
    .selectFrom('variant')
    .select(['key', 'bytes', sql<string | null>`null`.as('sha256'), 'media_id as mediaId', 'name'])
  const restorable = db
    .selectFrom('sweep')
    .select([
      'key',
      sql<number>`bytes`.as('bytes'),
      sql<string | null>`null`.as('sha256'),
      sql<string>`media_id`.as('mediaId'),
      sql<string>`''`.as('name'),
    ])
    .where('media_id', 'is not', null)

  /** One statement, since a key moves between the tables: read one after the other, it might be in neither. */
  async function named(keys: string[]): Promise<NamedKey[]> {
    if (keys.length === 0) return []
    const none = sql<string | null>`null`
    const rows = await originals
      .select(none.as('upload_id'))
      .where('key', 'in', keys)
      .unionAll(variants.select(none.as('upload_id')).where('key', 'in', keys))
      .unionAll(
        db
          .selectFrom('sweep')
          .select([
            'key',
            sql<number>`coalesce(bytes, 0)`.as('bytes'),
            none.as('sha256'),
            sql<string>`coalesce(media_id, '')`.as('mediaId'),
            sql<string>`''`.as('name'),
            'upload_id',
          ])
          .where('key', 'in', keys),
      )
      .unionAll(
        db
          .selectFrom('lost')
          .select([
            'key',
            sql<number>`0`.as('bytes'),
            none.as('sha256'),
            'media_id as mediaId',
            sql<string>`${sql.lit(lostName)}`.as('name'),
            none.as('upload_id'),
          ])
          .where('key', 'in', keys),
      )
      .execute()
    const found = new Map<string, NamedKey>()
    for (const { upload_id, ...row } of rows) {
      found.set(row.key, { key: row.key, ...found.get(row.key), ...factsOf(row, upload_id) })
    }
    return [...found.values()]
  }

  const count = async (table: 'media' | 'variant' | 'sweep') => {
    const { n } = await db
      .selectFrom(table)
      .select((e) => e.fn.countAll().as('n'))
      .executeTakeFirstOrThrow()
    return Number(n)
  }

  return {
    originals: (after, limit) => originals.where('key', '>', after).orderBy('key').limit(limit).execute(),
    variants: (after, limit) => variants.where('key', '>', after).orderBy('key').limit(limit).execute(),
    restorable: (after, limit) => restorable.where('key', '>', after).orderBy('key').limit(limit).execute(),
    named,

    async scheduled(limit) {
      const rows = await db
        .selectFrom('sweep')
        .select('key')
        .where((e) =>
          e.or(
            (['media', 'variant'] as const).map((table) =>
              e.exists(e.selectFrom(table).select('key').whereRef('key', '=', 'sweep.key')),
            ),
          ),
        )
        .limit(limit)
        .execute()
      const keys = rows.map((row) => row.key)
      return (await named(keys)).filter((one) => one.object && one.sweep)
    },

    async count() {
      const [media, variant, sweep] = await Promise.all([count('media'), count('variant'), count('sweep')])
      return { objects: media + variant, sweep }
    },

    async backlog(now, attempts) {
      const { due, oldest, stuck } = await db
        .selectNoFrom((e) => {
          const overdue = e.selectFrom('sweep').where('due_at', '<=', now)
          return [
            overdue.select((s) => s.fn.countAll().as('n')).as('due'),
            overdue.select((s) => s.fn.min('due_at').as('at')).as('oldest'),
            e
              .selectFrom('sweep')
              .where(hasFailed)
              .where('attempts', '>=', attempts)
              .select((s) => s.fn.countAll().as('n'))
              .as('stuck'),
          ]
        })
        .executeTakeFirstOrThrow()
      const since = oldest === null ? undefined : Number(oldest)
      return { due: Number(due), oldest: since, stuck: Number(stuck) }
    },

    async scheduleDeletion(keys, now) {
      if (keys.length === 0) return
      await db
        .insertInto('sweep')
        .values(keys.map((key) => ({ key, due_at: now, recheck: 0, attempts: 0 })))
        .onConflict((c) => c.column('key').doNothing())
        .execute()
    },
  }
}

/** No variant is called so. */
const lostName = '(lost)'

function factsOf(row: RecordedObject, uploadId: string | null): Omit<NamedKey, 'key'> {
  if (row.name === lostName) return { isLost: true }
  if (row.name !== '') return { object: row }
  const sweep = { sweep: { uploadId } }
  return row.mediaId === '' ? sweep : { ...sweep, restorable: row }
}
