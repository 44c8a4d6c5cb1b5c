import type { DatabaseConnection, Dialect, Driver } from 'kysely'
import { shuttingDown } from '../closing.ts'
import { TintypeError } from '../errors.ts'

/**
 * Errors that mean that the database is unreachable, full, stuck or too busy become `database_unavailable`: the caller
 * may try again. Other errors, of constraints or mistakes in statements, stay as they are.
 *
 * After a COMMIT this error means that the outcome is unknown.
 *
 * Once it is closed, it answers `shutting_down`.
 */
export function withUnavailable(dialect: Dialect): { dialect: Dialect; close(): Promise<void> } {
  const driver = wrapDriver(dialect.createDriver())
  return {
    dialect: {
      createAdapter: () => dialect.createAdapter(),
      createIntrospector: (db) => dialect.createIntrospector(db),
      createQueryCompiler: () => dialect.createQueryCompiler(),
      createDriver: () => driver,
    },
    close: () => driver.destroy(),
  }
}

function wrapDriver(driver: Driver): Driver {
  let ready: Promise<void> | undefined
  let lent = 0
  let closed: Promise<void> | undefined
  let allReturned = () => {}
  const connections = new WeakMap<DatabaseConnection, DatabaseConnection>()
  const inner = new WeakMap<DatabaseConnection, DatabaseConnection>()

  function wrap(connection: DatabaseConnection): DatabaseConnection {
    const known = connections.get(connection)
    if (known) return known
    const wrapped: DatabaseConnection = {
      executeQuery: (query) => translated(() => connection.executeQuery(query)),
      streamQuery: (query, size) => connection.streamQuery(query, size),
    }
    connections.set(connection, wrapped)
    inner.set(wrapped, connection)
    return wrapped
  }
  const unwrap = (connection: DatabaseConnection) => inner.get(connection) ?? connection

  function returned(): void {
    lent -= 1
    if (lent === 0) allReturned()
  }

  /** Statements and transactions that have begun may end. */
  async function end(): Promise<void> {
    if (lent > 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      allReturned = resolve
      await promise
    }
    await driver.destroy()
  }

  return {
    // Of every Kysely on this dialect, the first one's.
    async init() {
      ready ??= driver.init()
      await ready
    },
    async acquireConnection() {
      if (closed) throw shuttingDown()
      lent += 1
      try {
        return wrap(await translated(() => driver.acquireConnection()))
      } catch (error) {
        returned()
        throw error
      }
    },
    beginTransaction: (on, settings) => translated(() => driver.beginTransaction(unwrap(on), settings)),
    commitTransaction: (on) => translated(() => driver.commitTransaction(unwrap(on))),
    // The error has been thrown already: a failing rollback says nothing new.
    rollbackTransaction: (on) => driver.rollbackTransaction(unwrap(on)).catch(() => {}),
    releaseConnection: (on) => driver.releaseConnection(unwrap(on)).finally(returned),
    destroy() {
      closed ??= end()
      return closed
    },
  }
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!isUnavailable(cause)) throw cause
    throw databaseUnavailable(cause)
  }
}

export function databaseUnavailable(cause: unknown): TintypeError {
  return new TintypeError('database_unavailable', 'The database does not answer. Try again later.', { cause })
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html and https://www.sqlite.org/rescode.html */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ERR_SQLITE_ERROR')
    return unavailableInSqlite.has(Number('errcode' in error && error.errcode) & 0xff)
  return unavailableInPostgres.test(code) || (code === '' && lostByPg.test(error.message))
}

/** BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN */
const unavailableInSqlite = new Set([5, 6, 7, 8, 10, 13, 14])

/**
 * Connections (08), resources (53), shutdown (57P), cancelled statements and time-outs (57014, 55P03, 25P03),
 * deadlocks and serialization (40), a standby (25006); and what the network itself reports.
 */
const unavailableInPostgres =
  /^(08...|53...|57P..|57014|55P03|25P0[234]|25006|40...|E(CONN\w+|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN))$/

/** Errors that pg makes itself have no code; the last one is of a pool that the app has ended. */
const lostByPg =
  /^(timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client (was closed|has encountered)|Cannot use a pool after calling end)/
