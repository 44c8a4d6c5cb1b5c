import { type Kysely, sql } from 'kysely'
import { crashPoint } from '../crash-points.ts'
import type { Catalog } from './catalog.ts'
import { migrationsOf01 } from './migrations.ts'
import { bookkeeping, type DatabaseKind, type TablePlace } from './place.ts'

/** Tintype 0.1 had tables without a prefix, in whatever schema the search_path began with; but not its bookkeeping. */
const appliedIn01 = 'tintype_migration'
const lockIn01 = 'tintype_migration_lock'

/**
 * Gives the tables of Tintype 0.1, where there are any, the names and the schema that are wanted now: their rows, and
 * the foreign keys of the app's tables, follow. In the transaction of {@link migrate}, so that a process that is killed
 * half-way leaves them as they were.
 *
 * @throws {Error} when the bookkeeping of 0.1 is there without its tables
 */
export async function adoptTablesOf01(
  db: Kysely<unknown>,
  kind: DatabaseKind,
  { catalog, place }: { catalog: Catalog; place: TablePlace },
): Promise<void> {
  const own = `${place.prefix}${bookkeeping.applied}`
  if (own !== appliedIn01 && (await catalog.columnsOf(place.schema, own))) return
  const found = await find01(db, catalog, place)
  if (!found) return
  const moves: Move[] = [
    ...found.tables.map((table) => ({ from: table, to: `${place.prefix}${table}` })),
    { from: appliedIn01, to: own },
    { from: lockIn01, to: `${place.prefix}${bookkeeping.lock}` },
  ]
  if (kind === 'sqlite') return renameInSqlite(db, moves, place.prefix)
  await renameInPostgres(db, moves, found.schema, place)
}

interface Move {
  from: string
  to: string
}

/** An app may have a table `media` of its own: 0.1's is told by the bookkeeping beside it, and by its columns. */
async function find01(
  db: Kysely<unknown>,
  catalog: Catalog,
  place: TablePlace,
): Promise<{ schema: string | undefined; tables: string[] } | undefined> {
  const seen = await catalog.schemaOf(appliedIn01)
  for (const schema of new Set([place.schema, ...(seen ? [seen.schema] : [])])) {
    if (!isBookkeeping(await catalog.columnsOf(schema, appliedIn01))) continue
    const { rows } = await sql<{ name: string }>`select name from ${tableId(schema, appliedIn01)}`.execute(db)
    const applied = rows.map(({ name }) => name)
    const [first = ''] = migrationsOf01
    if (!applied.includes(first) || !applied.every((name) => migrationsOf01.includes(name))) continue
    const tables: string[] = []
    for (const table of tablesOf01) {
      const columns = await catalog.columnsOf(schema, table)
      const wanted = columnsOf01[table] ?? []
      if (wanted.every((column) => columns?.has(column))) {
        if (columns) tables.push(table)
        continue
      }
      throw new Error(
        `${appliedIn01} says that Tintype 0.1 has been here, but there is no table ${table} as it made it. Put its tables back, or drop ${appliedIn01} and ${lockIn01} to begin anew.`,
      )
    }
    return { schema, tables }
  }
  return undefined
}

function isBookkeeping(columns: ReadonlySet<string> | undefined): boolean {
  return columns?.size === 2 && columns.has('name') && columns.has('timestamp')
}

/** A table of another name is the app's own, whatever it is called. */
const tablesOf01 = ['media', 'variant', 'upload', 'part', 'sweep'] as const

/** Of the first schema; `part` came later. */
const columnsOf01: Partial<Record<(typeof tablesOf01)[number], readonly string[]>> = {
  media: [
    ...['id', 'owner', 'key', 'kind', 'type', 'bytes', 'sha256', 'width', 'height', 'duration', 'name'],
    ...['caption', 'placeholder', 'created_at', 'request_key', 'request_index', 'request_hash'],
  ],
  variant: ['media_id', 'name', 'key', 'type', 'bytes', 'width', 'height'],
  upload: ['id', 'owner', 'key', 'part_bytes', 's3_upload_id', 'refusal', 'created_at', 'expires_at'],
  sweep: ['key', 'upload_id', 'due_at', 'recheck', 'attempts', 'error'],
}

const indexesOf01 = ['media_newest', 'media_expiring', 'upload_due', 'sweep_due', 'sweep_failed']

/** Foreign keys, triggers and views of the app are rewritten by SQLite. An index has to be made anew to get a name. */
async function renameInSqlite(db: Kysely<unknown>, moves: Move[], prefix: string): Promise<void> {
  for (const { from, to } of moves) {
    if (from !== to) await sql`alter table ${sql.id(from)} rename to ${sql.id(to)}`.execute(db)
    crashPoint('migrate.halfway')
  }
  const { rows } = await sql<{ name: string; sql: string }>`
    select name, sql from sqlite_schema
    where type = 'index' and name in (${sql.join(indexesOf01)}) and tbl_name in (${sql.join(moves.map(({ to }) => to))})`.execute(
    db,
  )
  for (const { name, sql: statement } of rows) {
    await sql`drop index ${sql.id(name)}`.execute(db)
    await sql.raw(statement.replace(`"${name}"`, `"${prefix}${name}"`)).execute(db)
  }
}

/** Foreign keys and views of the app refer to a table itself, and not to its name. */
async function renameInPostgres(
  db: Kysely<unknown>,
  moves: Move[],
  schema: string | undefined,
  place: TablePlace,
): Promise<void> {
  const all = moves.map(({ from }) => tableId(schema, from))
  // At once, and not one after the other: what a process of 0.1 has begun ends before, the rest of it fails after.
  await sql`lock table ${sql.join(all)} in access exclusive mode`.execute(db)
  for (const { from, to } of moves) {
    const table = tableId(schema, from)
    const inside = await namesInside(db, schema, from)
    for (const { name, constraint } of inside) {
      const next = `${to}${name.slice(from.length)}`
      if (next === name) continue
      await (constraint
        ? sql`alter table ${table} rename constraint ${sql.id(name)} to ${sql.id(next)}`
        : sql`alter index ${tableId(schema, name)} rename to ${sql.id(next)}`
      ).execute(db)
    }
    if (from !== to) await sql`alter table ${table} rename to ${sql.id(to)}`.execute(db)
    if (schema !== place.schema) {
      await sql`alter table ${tableId(schema, to)} set schema ${sql.id(place.schema ?? '')}`.execute(db)
    }
    crashPoint('migrate.halfway')
  }
}

/** Names of constraints and of 0.1's indexes: unique in a schema, as those of tables are. */
async function namesInside(
  db: Kysely<unknown>,
  schema: string | undefined,
  table: string,
): Promise<{ name: string; constraint: boolean }[]> {
  const { rows } = await sql<{ name: string; constraint: boolean }>`
    with ours as (
      select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ${schema} and c.relname = ${table}
    )
    select conname as name, true as "constraint" from pg_constraint where conrelid in (select oid from ours)
    union all
    select i.relname, false from pg_index x join pg_class i on i.oid = x.indexrelid
    where x.indrelid in (select oid from ours) and i.relname in (${sql.join(indexesOf01)})`.execute(db)
  return rows.filter(({ name }) => name.startsWith(`${table}_`))
}

function tableId(schema: string | undefined, name: string) {
  return schema === undefined ? sql.id(name) : sql.id(schema, name)
}
