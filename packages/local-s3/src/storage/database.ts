import { DatabaseSync } from 'node:sqlite'

/**
 * The rows: which buckets, objects and uploads there are, and which blobs hold their bytes.
 *
 * - `object.blob` names the bytes of an object that came in one piece, `object.upload` the parts of
 *   one that came in several; an empty object has neither. Copies name the same: what is named is there
 *   until the last of them goes.
 * - Parts stay where they are when their upload completes: the upload's row goes, `start` is filled in.
 * - `headers` is JSON by lower-case name, `checksums` JSON by algorithm, times are milliseconds.
 *
 * Text compares as bytes of UTF-8 (SQLite's BINARY), which is the order of S3's listings.
 */
const schema = `
  create table bucket (
    name text primary key,
    created integer not null
  ) strict, without rowid;

  create table bucket_configuration (
    bucket text not null references bucket on delete cascade,
    kind text not null,
    document text not null,
    primary key (bucket, kind)
  ) strict, without rowid;

  create table object (
    bucket text not null references bucket,
    key text not null,
    modified integer not null,
    size integer not null,
    etag text not null,
    headers text not null,
    checksum_algorithm text not null,
    checksum_type text not null,
    checksum text not null,
    blob text,
    upload text,
    primary key (bucket, key)
  ) strict, without rowid;
  create index object_blob on object (blob) where blob is not null;

  create table upload (
    id text primary key,
    bucket text not null references bucket on delete cascade,
    key text not null,
    created integer not null,
    headers text not null,
    checksum_algorithm text,
    checksum_type text
  ) strict, without rowid;
  create index upload_key on upload (bucket, key, id);

  create table part (
    upload text not null,
    number integer not null,
    modified integer not null,
    size integer not null,
    etag text not null,
    checksums text not null,
    blob text,
    start integer,
    primary key (upload, number)
  ) strict, without rowid;
  create index part_blob on part (blob) where blob is not null;
`

/** What brings a file of each version to the next. */
const steps = [schema, 'create index object_upload on object (upload) where upload is not null']

/** A database, with its statements prepared once. */
export interface Database {
  /** Runs a statement. */
  run(sql: string, values: Value[]): void
  /** The first row. */
  get<Row>(sql: string, values: Value[]): Row | undefined
  all<Row>(sql: string, values: Value[]): Row[]
  /** Row by row; stop early and nothing more is read. */
  iterate<Row>(sql: string, values: Value[]): Iterable<Row>
  /** All or nothing, durable when it returns. `work` is synchronous, so no other request comes between. */
  transaction<T>(work: () => T): T
  close(): void
}

type Value = string | number | null

/**
 * Opens the file, making it if need be. One process at a time: the file stays locked, and a second
 * server on the same directory (which would sweep the blobs of the first) is refused.
 *
 * @throws Error when another process has it, or a later version has written it
 */
export function openDatabase(path: string): Database {
  const database = new DatabaseSync(path)
  try {
    database.exec(`
      pragma busy_timeout = 2000;
      pragma locking_mode = exclusive;
      pragma journal_mode = wal;
      pragma synchronous = full;
      pragma foreign_keys = on;
    `)
    database.exec('begin immediate')
    const version = Number(database.prepare('pragma user_version').get()?.user_version)
    if (version > steps.length) throw new Error('a later version of this server has written it')
    for (const step of steps.slice(version)) database.exec(step)
    if (version < steps.length) database.exec(`pragma user_version = ${steps.length}`)
    database.exec('commit')
  } catch (cause) {
    database.close()
    throw new Error(`${path} cannot be opened: ${reasonOf(cause)}.`, { cause })
  }

  const statements = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  const prepare = (sql: string) => {
    let statement = statements.get(sql)
    if (statement === undefined) {
      statement = database.prepare(sql)
      statements.set(sql, statement)
    }
    return statement
  }

  return {
    run: (sql, values) => void prepare(sql).run(...values),
    get: <Row>(sql: string, values: Value[]) => prepare(sql).get(...values) as Row | undefined,
    all: <Row>(sql: string, values: Value[]) => prepare(sql).all(...values) as Row[],
    iterate: <Row>(sql: string, values: Value[]) => prepare(sql).iterate(...values) as Iterable<Row>,
    transaction(work) {
      database.exec('begin immediate')
      try {
        const result = work()
        database.exec('commit')
        return result
      } catch (error) {
        rollback(database)
        throw error
      }
    },
    close: () => database.close(),
  }
}

/** A commit that failed may have rolled back by itself, which is no second error. */
function rollback(database: DatabaseSync): void {
  try {
    database.exec('rollback')
  } catch {}
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const code = 'errcode' in cause ? Number(cause.errcode) & 0xff : undefined
  return code === busy
    ? 'it is in use by another process; stop that one, or take another folder'
    : cause.message
}

/** SQLITE_BUSY */
const busy = 5
