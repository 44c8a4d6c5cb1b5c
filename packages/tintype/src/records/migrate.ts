import { type Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { adoptTablesOf01 } from './adopt.ts'
import { type Catalog, createCatalog } from './catalog.ts'
import { overConnection } from './lent.ts'
import { createMigrations } from './migrations.ts'
import { bookkeeping, type DatabaseKind, type TablePlace } from './place.ts'

/**
 * Brings the tables up to date, wherever they are to be, and says where they are.
 *
 * In one transaction, under a lock that ends with it: processes that start at once take turns, and connections may come
 * from a pooler that hands out another one after each transaction (PgBouncer), where a session's lock would stay behind.
 *
 * @param wanted.schema left out: where the tables are that this connection sees, else where it makes new ones
 */
export async function migrate(
  db: Kysely<unknown>,
  kind: DatabaseKind,
  wanted: { tablePrefix: string; schema?: string | undefined },
): Promise<TablePlace> {
  return db.transaction().execute(async (trx) => {
    if (kind === 'postgres') await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(trx)
    const catalog = createCatalog(trx, kind)
    const prefix = wanted.tablePrefix
    const place = { prefix, schema: kind === 'postgres' ? await schemaFor(trx, catalog, wanted) : undefined }
    await adoptTablesOf01(trx, kind, { catalog, place })
    const migrator = new Migrator({
      db: overConnection(trx, kind, place),
      provider: { getMigrations: async () => createMigrations(kind, prefix, place.schema) },
      migrationTableName: `${prefix}${bookkeeping.applied}`,
      migrationLockTableName: `${prefix}${bookkeeping.lock}`,
      ...(place.schema === undefined ? {} : { migrationTableSchema: place.schema }),
    })
    await migrateToLatest(migrator)
    return place
  })
}

/** @throws Error that says so where the tables are of a later version than this one */
export async function migrateToLatest(migrator: Migrator): Promise<void> {
  const { error } = await migrator.migrateToLatest()
  if (!error) return
  const [, unknown] = /previously executed migration (\S+) is missing/.exec(String(error)) ?? []
  if (unknown === undefined) throw error
  throw new Error(
    `A later version of Tintype has changed its tables (${unknown}): start that version, or put the database back from before.`,
    { cause: error },
  )
}

/** Any number that no other program uses as a lock in this database. */
const migrationLock = 748_936_215

async function schemaFor(
  db: Kysely<unknown>,
  catalog: Catalog,
  { tablePrefix, schema }: { tablePrefix: string; schema?: string | undefined },
): Promise<string> {
  if (schema === undefined) {
    const there = await catalog.schemaOf(`${tablePrefix}media`)
    const found = there?.schema ?? (await catalog.currentSchema())
    if (found !== undefined) return found
    throw new Error(
      "No schema of this role's search_path exists: name one with database.schema (DATABASE_SCHEMA).",
    )
  }
  if (await catalog.hasSchema(schema)) return schema
  try {
    await sql`create schema ${sql.id(schema)}`.execute(db)
    return schema
  } catch (cause) {
    throw new Error(
      `There is no schema ${schema}, and it can't be made (${(cause as Error).message}): let an administrator run "create schema ${schema} authorization ROLE" with the role that connects.`,
      { cause },
    )
  }
}
