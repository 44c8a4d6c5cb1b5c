import { dirname } from 'node:path'
import { Kysely } from 'kysely'
import { TintypeError } from '../errors.ts'
import { redact } from '../log.ts'
import { denyOthers, makePrivateFile, makePrivateFolder } from '../private-files.ts'
import { ConfigError } from '../settings/error.ts'
import { type AuditRecords, createAuditRecords } from './audit-records.ts'
import { type ChangeRecords, createChangeRecords } from './change-records.ts'
import { type CleanRecords, createCleanRecords } from './clean-records.ts'
import { createDialect, type DatabaseOptions, databaseNamed } from './database.ts'
import { createExpiryRecords, type ExpiryRecords } from './expiry-records.ts'
import { createHeartbeatRecords, type HeartbeatRecords } from './heartbeat-records.ts'
import { createLedgerMoves, type LedgerMoves, type RemovedWork } from './ledger.ts'
import { createMediaRecords, type MediaRecords } from './media-records.ts'
import { migrate } from './migrate.ts'
import { createOutbox, type EventSink, noSink } from './outbox.ts'
import { createOutboxRecords, type OutboxRecords } from './outbox-records.ts'
import { defaultPrefix, type TablePlace, withNames } from './place.ts'
import { createRateCounts, type RateCounts } from './rate-counts.ts'
import { createRestoreRecords, type RestoreRecords } from './restore-records.ts'
import { createResumableRecords, type ResumableRecords } from './resumable-records.ts'
import { createScanRecords, type ScanRecords } from './scan-records.ts'
import type { Ledger } from './schema.ts'
import { createStatusRecords, type StatusRecords } from './status-records.ts'
import { createSweepRecords, type SweepRecords } from './sweep-list.ts'
import { tellChanges } from './tell-changes.ts'
import { withUnavailable } from './unavailable.ts'
import { createUndoMoves, type RestoredWork, type UndoMoves } from './undo-moves.ts'
import { createUploadRecords, type UploadRecords } from './upload-records.ts'
import { createUsageRecords, type UsageRecords } from './usage.ts'
import { createVariantRecords, type VariantRecords } from './variant-records.ts'
import { createVersionRecords, type VersionRecords } from './version-records.ts'

/** Every SQL statement of Tintype stands behind this. */
export interface Records {
  /** The moves that keep sweep list and media in step: the heart of "nothing is orphaned". */
  ledger: LedgerMoves
  /** The moves back. */
  undo: UndoMoves
  media: MediaRecords
  sweep: SweepRecords
  uploads: UploadRecords
  resumables: ResumableRecords
  scans: ScanRecords
  expiry: ExpiryRecords
  audit: AuditRecords
  clean: CleanRecords
  heartbeat: HeartbeatRecords
  restore: RestoreRecords
  usage: UsageRecords
  status: StatusRecords
  outbox: OutboxRecords
  variants: VariantRecords
  changes: ChangeRecords
  versions: VersionRecords
  /** Undefined on SQLite. */
  rates: RateCounts | undefined
  /** Throws when the database does not answer. */
  ping(): Promise<void>
  /** Waits for statements in progress; later ones are refused with `shutting_down`. */
  close(): Promise<void>
}

/**
 * Opens the database and brings its tables up to date. Any number of processes may do so at once.
 *
 * @param database or its name: `postgres://user:password@host/database`, or a path of an SQLite file
 * @param options.sink hears of what happens to media
 * @param options.removed what an app does in the transaction that removes one of its media
 * @param options.restored the same of one that comes back
 * @param options.changed hears that the ledger is about to change, before it does
 * @throws {TintypeError} `database_unavailable`
 * @throws {ConfigError} when `pg` is needed and not installed
 */
export async function openRecords(
  database: string | DatabaseOptions,
  onIdleError: (error: Error) => void = () => {},
  {
    sink = noSink,
    removed,
    restored,
    changed,
  }: {
    sink?: EventSink
    removed?: RemovedWork | undefined
    restored?: RestoredWork | undefined
    changed?: (() => void) | undefined
  } = {},
): Promise<Records> {
  const options: DatabaseOptions = typeof database === 'string' ? databaseNamed(database) : database
  const { schema, tablePrefix = defaultPrefix } = options
  const file = options.file === ':memory:' ? undefined : options.file
  if (file !== undefined) makeDatabaseFile(file)
  const { kind, dialect } = createDialect(options, onIdleError)
  const guarded = withUnavailable(dialect)
  let place: TablePlace
  try {
    place = await migrate(new Kysely({ dialect: guarded.dialect }), kind, { schema, tablePrefix })
    // Only now it is known to be a database: a wrong path may name anything, whose permissions are not ours to change.
    if (file !== undefined) for (const end of ['', '-wal', '-shm']) denyOthers(file + end)
  } catch (cause) {
    await guarded.close().catch(() => {})
    throw cause instanceof ConfigError ? cause : cannotOpen(cause)
  }
  const db = new Kysely<Ledger>({ dialect: withNames(guarded.dialect, kind, place) })
  const outbox = createOutbox(sink)
  const moves = createLedgerMoves(db, kind, place, { outbox, removed })
  const ledger = tellChanges(moves, ['publish', 'replace', 'replaceCleaned', 'remove'], changed)
  const undo = createUndoMoves(db, kind, place, { outbox, restored })
  return {
    ledger,
    undo: tellChanges(undo, ['restore', 'restoreVersion'], changed),
    media: createMediaRecords(db),
    sweep: createSweepRecords(db, kind),
    uploads: createUploadRecords(db, kind, outbox),
    resumables: createResumableRecords(db, kind),
    scans: createScanRecords(db, outbox),
    expiry: createExpiryRecords(db, kind, ledger),
    audit: createAuditRecords(db),
    clean: createCleanRecords(db),
    heartbeat: createHeartbeatRecords(db),
    restore: createRestoreRecords(db, kind),
    usage: createUsageRecords(db),
    status: createStatusRecords(db),
    outbox: createOutboxRecords(db, kind),
    variants: createVariantRecords(db, kind),
    changes: createChangeRecords(db),
    versions: createVersionRecords(db),
    rates: createRateCounts(db, kind, place),
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

/** Says what the driver or the system has said: "it does not answer" would not help to set it up. */
function cannotOpen(cause: unknown): TintypeError {
  const first = cause instanceof TintypeError ? (cause.cause ?? cause) : cause
  return new TintypeError('database_unavailable', `The database can't be opened: ${redact(message(first))}`, {
    cause,
  })
}

/** Node's error for a host with several addresses says nothing but its code. */
function message(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return cause.message || String((cause as NodeJS.ErrnoException).code ?? cause.name)
}
