import { existsSync } from 'node:fs'
import { Kysely, sql } from 'kysely'
import { createCatalog } from './catalog.ts'
import { createDialect, type DatabaseOptions, databaseNamed } from './database.ts'
import { createHeartbeatRecords, type Heartbeat } from './heartbeat-records.ts'
import { defaultPrefix, withNames } from './place.ts'
import type { Ledger } from './schema.ts'

/**
 * Looks at a database without changing anything: no migration, no file for SQLite where there is none.
 *
 * @returns what it is, e.g. `PostgreSQL 17.2`; undefined for an SQLite file that the first start will make
 * @throws what the driver says when it can't be reached, or the file is damaged
 */
export async function probeDatabase(url: string): Promise<string | undefined> {
  const { kind, dialect } = createDialect(databaseNamed(url), () => {})
  if (kind === 'sqlite' && !existsSync(url)) return undefined
  const db = new Kysely<Record<string, never>>({ dialect })
  try {
    if (kind === 'postgres') {
      const { rows } = await sql<{ server_version: string }>`show server_version`.execute(db)
      return `PostgreSQL ${rows[0]?.server_version}`
    }
    const { rows } = await sql<{ quick_check: string }>`pragma quick_check(1)`.execute(db)
    if (rows[0]?.quick_check !== 'ok') throw new Error(`SQLite finds damage: ${rows[0]?.quick_check}`)
    const version = await sql<{ version: string }>`select sqlite_version() as version`.execute(db)
    return `SQLite ${version.rows[0]?.version}`
  } finally {
    await db.destroy()
  }
}

/**
 * How far the ledger in this database has come, without changing anything.
 * @returns undefined where there is none, or one of an earlier version
 * @throws what the driver says when it can't be reached
 */
export async function probeHeartbeat(options: DatabaseOptions): Promise<Heartbeat | undefined> {
  if (options.file !== undefined && !existsSync(options.file)) return undefined
  const { kind, dialect } = createDialect(options, () => {})
  const { tablePrefix: prefix = defaultPrefix } = options
  const db = new Kysely<Ledger>({ dialect: withNames(dialect, kind, { prefix, schema: options.schema }) })
  try {
    const catalog = createCatalog(db as unknown as Kysely<unknown>, kind)
    const table = `${prefix}heartbeat`
    const schema = options.schema ?? (await catalog.schemaOf(table))?.schema
    if (!(await catalog.columnsOf(schema, table))) return undefined
    return await createHeartbeatRecords(db).read()
  } finally {
    await db.destroy()
  }
}
