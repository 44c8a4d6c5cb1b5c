import { dirname } from 'node:path'
import { Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { TintypeError } from '../errors.ts'
import { redact } from '../log.ts'
import { closeToStrangers, makePrivateFile, makePrivateFolder } from '../private-files.ts'
import { type AuditRecords, createAuditRecords } from './audit-records.ts'
import { createExpiryRecords, type ExpiryRecords } from './expiry-records.ts'
import { createLedgerMoves, type LedgerMoves } from './ledger.ts'
import { createMediaRecords, type MediaRecords } from './media-records.ts'
import { createMigrations, type DatabaseKind } from './migrations.ts'
import { createPostgresDialect } from './postgres.ts'
import type { Ledger } from './schema.ts'
import { createSqliteDialect } from './sqlite.ts'
import { createSweepRecords, type SweepRecords } from './sweep-list.ts'
import { withUnavailable } from './unavailable.ts'
import { createUploadRecords, type UploadRecords } from './upload-records.ts'

/** Every SQL statement of Tintype stands behind this. */
export interface Records {
  /** The moves that keep sweep list and media in step: the heart of "nothing is orphaned". */
  ledger: LedgerMoves
  media: MediaRecords
  sweep: SweepRecords
  uploads: UploadRecords
  expiry: ExpiryRecords
  audit: AuditRecords
  /** Throws when the database does not answer. */
  ping(): Promise<void>
  /** Lets what has begun end. Whatever is asked for from then on is refused with `shutting_down`. */
  close(): Promise<void>
}

/**
 * Opens the database and brings its schema up to date. Any number of processes may do so at once.
 *
 * @param url `postgres://user:password@host/database`, or a path of an SQLite file
 * @throws {TintypeError} `database_unavailable`
 */
export async function openRecords(
  url: string,
  onIdleError: (error: Error) => void = () => {},
): Promise<Records> {
  const kind: DatabaseKind = /^postgres(ql)?:\/\//.test(url) ? 'postgres' : 'sqlite'
  const file = kind === 'sqlite' && url !== ':memory:' ? url : undefined
  if (file !== undefined) makeDatabaseFile(file)
  const dialect = kind === 'postgres' ? createPostgresDialect(url, onIdleError) : createSqliteDialect(url)
  const guarded = withUnavailable(dialect)
  const db = new Kysely<Ledger>({ dialect: guarded.dialect })
  try {
    await migrate(db, kind)
    // Only now it is known to be a database: a wrong path may name anything, and changes nobody's rights.
    if (file !== undefined) for (const end of ['', '-wal', '-shm']) closeToStrangers(file + end)
  } catch (cause) {
    await guarded.close().catch(() => {})
    throw cannotOpen(cause)
  }
  const ledger = createLedgerMoves(db, kind)
  return {
    ledger,
    media: createMediaRecords(db),
    sweep: createSweepRecords(db, kind),
    uploads: createUploadRecords(db, kind),
    expiry: createExpiryRecords(db, kind, ledger),
    audit: createAuditRecords(db),
    ping: async () => void (await db.selectFrom('sweep').select('key').limit(1).execute()),
    close: guarded.close,
  }
}

/** For this user alone, with the folders that lead to it. @throws {TintypeError} `database_unavailable` */
function makeDatabaseFile(path: string): void {
  try {
    makePrivateFolder(dirname(path))
    makePrivateFile(path)
  } catch (cause) {
    throw cannotOpen(cause)
  }
}

/** Says what the driver or the system has said: that it does not answer helps nobody who is just setting it up. */
function cannotOpen(cause: unknown): TintypeError {
  const first = cause instanceof TintypeError ? (cause.cause ?? cause) : cause
  return new TintypeError('database_unavailable', `The database can't be opened: ${redact(message(first))}`, {
    cause,
  })
}

/**
 * In one transaction, under a lock that ends with it: processes that start at once take turns, and connections may come
 * from a pooler that hands out another one after each transaction (PgBouncer), where a session's lock would stay behind.
 */
async function migrate(db: Kysely<Ledger>, kind: DatabaseKind): Promise<void> {
  await db.transaction().execute(async (trx) => {
    if (kind === 'postgres') await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(trx)
    const migrator = new Migrator({
      db: trx,
      provider: { getMigrations: async () => createMigrations(kind) },
      migrationTableName: 'tintype_migration',
      migrationLockTableName: 'tintype_migration_lock',
    })
    const { error } = await migrator.migrateToLatest()
    if (error) throw error
  })
}

/** Any number that nobody else takes in this database. */
const migrationLock = 748_936_215

/** Node's error for a host with several addresses says nothing but its code. */
function message(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return cause.message || String((cause as NodeJS.ErrnoException).code ?? cause.name)
}
