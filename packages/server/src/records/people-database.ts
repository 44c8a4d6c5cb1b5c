import { Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { overCallers } from 'tintype/internal/records/callers'
import { createDialect, type DatabaseOptions } from 'tintype/internal/records/database'
import type { HookTransaction } from 'tintype/internal/records/hook-transaction'
import { overConnection } from 'tintype/internal/records/lent'
import { migrate, migrateToLatest } from 'tintype/internal/records/migrate'
import { type DatabaseKind, defaultPrefix, type TablePlace, withNames } from 'tintype/internal/records/place'
import { openRecords } from 'tintype/internal/records/records'
import { withUnavailable } from 'tintype/internal/records/unavailable'
import { peopleMigrations } from './people-migrations.ts'
import { type People, peopleTables } from './people-schema.ts'

/** The ready server's own tables, opened. */
export interface PeopleDatabase {
  db: Kysely<People>
  /** The same inside a transaction that the library has lent to a hook. */
  within(trx: HookTransaction): Kysely<People>
  /** Waits for statements in progress. */
  close(): Promise<void>
}

/**
 * Opens the database that the ledger is in, by connections of its own, and brings the server's tables up to date. Any number of
 * processes may do so at once.
 *
 * @param onLost hears of connections that are lost while they are idle
 * @throws {TintypeError} `database_unavailable`
 */
export async function openPeopleDatabase(
  options: DatabaseOptions,
  onLost: (error: Error) => void = () => {},
): Promise<PeopleDatabase> {
  // Makes file, schema and ledger where a command comes before the first start, and says well what is wrong with them.
  await (await openRecords(options, onLost)).close()
  const { schema, tablePrefix = defaultPrefix } = options
  const { kind, dialect } = createDialect(options, onLost)
  const guarded = withUnavailable(dialect)
  try {
    const found = await migrate(new Kysely({ dialect: guarded.dialect }), kind, { schema, tablePrefix })
    const place: TablePlace = { ...found, others: peopleTables }
    await migratePeople(new Kysely({ dialect: guarded.dialect }), kind, place)
    return {
      db: new Kysely<People>({ dialect: withNames(guarded.dialect, kind, place) }),
      within: (trx) => overCallers(trx, kind, place) as unknown as Kysely<People>,
      close: guarded.close,
    }
  } catch (error) {
    await guarded.close().catch(() => {})
    throw error
  }
}

/** In one transaction, under a lock that ends with it, as the ledger's: see the library's `migrate`. */
async function migratePeople(db: Kysely<unknown>, kind: DatabaseKind, place: TablePlace): Promise<void> {
  await db.transaction().execute(async (trx) => {
    if (kind === 'postgres') await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(trx)
    const migrator = new Migrator({
      db: overConnection(trx, kind, place),
      provider: { getMigrations: async () => peopleMigrations((name) => `${place.prefix}${name}`) },
      migrationTableName: `${place.prefix}people_migration`,
      migrationLockTableName: `${place.prefix}people_migration_lock`,
      ...(place.schema === undefined ? {} : { migrationTableSchema: place.schema }),
    })
    await migrateToLatest(migrator)
  })
}

/** Any number that no other program uses as a lock in this database, and the ledger neither. */
const migrationLock = 748_936_216
