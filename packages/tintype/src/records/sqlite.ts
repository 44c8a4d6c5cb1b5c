import { AsyncLocalStorage } from 'node:async_hooks'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import { createPace, type Pace } from './pace.ts'

/**
 * Kysely on `node:sqlite`. Transactions begin IMMEDIATE: a deferred one that reads first and writes later fails
 * with SQLITE_BUSY when another process wrote in between, whatever the busy time-out. DDL is declared
 * transactional, so that two processes that migrate at once take turns and neither leaves a half-made schema.
 *
 * @param path a file, or `:memory:`
 */
export function createSqliteDialect(path: string, pace = createPace()): Dialect {
  return {
    createAdapter: () => new TransactionalSqliteAdapter(),
    createDriver: () => createDriver(path, pace),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

export class TransactionalSqliteAdapter extends SqliteAdapter {
  /** So that two processes that migrate at once take turns. */
  override get supportsTransactionalDdl(): boolean {
    return true
  }

  /** The driver itself gives its one connection to one after the other. */
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

function createDriver(path: string, pace: Pace): Driver {
  let db: DatabaseSync
  let connection: DatabaseConnection
  /** While a statement or a transaction has the connection. */
  let turn: PromiseWithResolvers<void> | undefined
  async function take(): Promise<void> {
    while (turn) await turn.promise
    turn = Promise.withResolvers<void>()
  }
  function give(): void {
    turn?.resolve()
    turn = undefined
  }
  const run = (sql: string) => async (on: DatabaseConnection) => {
    await on.executeQuery(CompiledQuery.raw(sql))
  }
  return {
    async init() {
      // Not at the top: a Node without this module couldn't load the library then, to be told that it is too old.
      const { DatabaseSync } = await import('node:sqlite')
      db = new DatabaseSync(path, { timeout: longestWait })
      // FULL: a commit that was acknowledged survives a power cut, not only a crash of the process.
      db.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
      // A statement of many rows would else make and delete a file of its own, to be undone by.
      db.exec('pragma temp_store = memory')
      // From here on we wait without blocking: the lock may be held by a transaction of this very thread.
      db.exec('pragma busy_timeout = 0')
      connection = createSqliteConnection(db, {
        rest: async (ms) => {
          give()
          await setTimeout(ms)
          await take()
        },
        unsynced: (work) => withoutSync(db, work),
        timed: pace.timed,
      })
    },
    async acquireConnection() {
      demandOutsideOfHooks()
      const waiting = pace.wait()
      if (waiting) await waiting
      await take()
      return connection
    },
    async releaseConnection() {
      give()
    },
    beginTransaction: run('begin immediate'),
    commitTransaction: run('commit'),
    rollbackTransaction: run('rollback'),
    destroy: async () => db.close(),
  }
}

/** A transaction that a hook of the app's was lent. */
export interface Loan {
  isOver: boolean
}

const loans = new AsyncLocalStorage<Loan>()

/** Runs a hook of the app's while its transaction is open. What it has begun and not waited for may go on later. */
export function onLoan<T>(loan: Loan, work: () => Promise<T>): Promise<T> {
  return loans.run(loan, work)
}

/** There is but one connection: what a hook would wait for is waiting for the hook. */
function demandOutsideOfHooks(): void {
  if (loans.getStore()?.isOver !== false) return
  throw new Error(
    'A hook that runs inside a transaction has called Tintype, which on SQLite waits for that transaction: use the trx that the hook got, as in media.claim(id, { by, trx }).',
  )
}

/** For the one lock that SQLite's writers share. Milliseconds. */
const longestWait = 10_000
const longestPause = 20

/**
 * Only what begins to write waits here: while it does, others may read. A transaction of the app's that holds the lock may
 * ask for something before it ends.
 */
async function whenFree<T>(work: () => T, rest: (ms: number) => Promise<unknown>): Promise<T> {
  for (let waited = 0, pause = 1; ; waited += pause, pause = Math.min(pause * 2, longestPause)) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error) || waited >= longestWait) throw error
      await rest(pause)
    }
  }
}

function isBusy(error: unknown): boolean {
  if (!(error instanceof Error && 'errcode' in error)) return false
  // What a transaction has read does not become new by waiting.
  return error.errcode !== sqliteBusySnapshot && Number(error.errcode) % 256 === sqliteBusy
}

/** https://www.sqlite.org/rescode.html#busy */
const sqliteBusy = 5
const sqliteBusySnapshot = 517

/** A statement that no database sees: its one row is the driver's own connection, for what apps do in our transactions. */
export const askForDriver = '-- the connection itself'

const unsyncedMark = '/* unsynced */'

/**
 * Ends a statement outside of transactions whose commit may be lost when the power is cut, and with it nothing but work
 * that is done once more then. It is written all the same, so that a process that dies loses nothing, and the next commit
 * which is synced takes it along: commits are lost from the last one backwards. Most of what a small commit costs is the
 * sync. Postgres has none to spare here, and takes it for the comment that it is.
 */
export const unsynced = sql.raw(unsyncedMark)

/** At once, so that no other statement can run meanwhile. Inside a transaction it is not for us to say. */
function withoutSync<T>(db: DatabaseSync, work: () => T): T {
  if (db.isTransaction) return work()
  db.exec('pragma synchronous = normal')
  try {
    return work()
  } finally {
    db.exec('pragma synchronous = full')
  }
}

/**
 * @param options.rest waits for some milliseconds, during which others may have the connection
 * @param options.unsynced how statements that end with {@link unsynced} are run
 * @param options.timed runs each statement
 */
export function createSqliteConnection(
  db: Pick<DatabaseSync, 'prepare'>,
  {
    rest = setTimeout,
    unsynced = (work) => work(),
    timed = (work) => work(),
  }: {
    rest?: (ms: number) => Promise<unknown>
    unsynced?: <T>(work: () => T) => T
    timed?: <T>(work: () => T) => T
  } = {},
): DatabaseConnection {
  const statements = new Map<string, { statement: StatementSync; isQuery: boolean }>()
  const prepare = (sql: string) => {
    let prepared = statements.get(sql)
    if (!prepared) {
      const statement = db.prepare(sql)
      prepared = { statement, isQuery: statement.columns().length > 0 }
      // The objects that node:sqlite makes of rows have no prototype, and take longer to make and to read than ours.
      if (prepared.isQuery) statement.setReturnArrays(true)
      // Lists of keys make statements of several lengths: bound what is kept.
      if (statements.size >= 200) statements.clear()
      statements.set(sql, prepared)
    }
    return prepared
  }
  return {
    async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
      if (sql === askForDriver) return { rows: [db as Row] }
      const { statement, isQuery } = prepare(sql)
      const values = parameters as (string | number | bigint | null | Uint8Array)[]
      const run = <T>(work: () => T) =>
        whenFree(() => timed(sql.endsWith(unsyncedMark) ? () => unsynced(work) : work), rest)
      if (isQuery) {
        const found = (await run(() => statement.all(...values))) as unknown as unknown[][]
        const rows = found.length === 0 ? [] : (toObjects(found, statement) as Row[])
        return { rows, numAffectedRows: BigInt(rows.length) }
      }
      const { changes } = await run(() => statement.run(...values))
      return { rows: [], numAffectedRows: BigInt(changes) }
    },
    // biome-ignore lint/correctness/useYield: reads are done in pages by keyset, none is a stream
    async *streamQuery() {
      throw new Error('Streaming is not offered on SQLite: read in pages.')
    },
  }
}

/** By the names as they are now: another process may have added columns, and SQLite prepares a statement anew then. */
function toObjects(rows: unknown[][], statement: StatementSync): Record<string, unknown>[] {
  const names = statement.columns().map(({ name }) => name)
  return rows.map((row) => {
    const object: Record<string, unknown> = {}
    for (let index = 0; index < names.length; index++) object[names[index] as string] = row[index]
    return object
  })
}
