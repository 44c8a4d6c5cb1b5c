import { setTimeout } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { TintypeError } from '../errors.ts'
import type { Ledger } from './schema.ts'

/**
 * Does the work inside a transaction of the app's, all of it or nothing: the app may go on after an error, and commit. What is
 * half done would stay then, such as a key that is off the sweep list without a media that names it.
 */
export async function insideSavepoint<T>(trx: Kysely<Ledger>, work: () => Promise<T>): Promise<T> {
  await sql`savepoint tintype_publish`.execute(trx)
  try {
    const result = await work()
    await sql`release savepoint tintype_publish`.execute(trx)
    return result
  } catch (error) {
    // Where that fails the connection is gone, and with it the transaction.
    await sql`rollback to savepoint tintype_publish`.execute(trx).catch(() => {})
    throw error
  }
}

/** @throws {TintypeError} `database_unavailable`, where the work failed because keys were written down after it began; else its error */
export function explainStale(error: unknown): never {
  throw isStale(error) ? cannotWrite(error) : error
}

/** Milliseconds. */
const longestWait = 2000

/**
 * Keys are scheduled for deletion by a connection of our own, while a transaction of the app's is open. Where that one holds
 * the lock that all writers of an SQLite file share, or the last connection of a pool, it would wait for us and we for it.
 *
 * @param write any write
 * @throws {TintypeError} `database_unavailable`
 */
export async function demandWritable(write: () => Promise<unknown>): Promise<void> {
  const stop = new AbortController()
  const late = setTimeout(longestWait, 'late' as const, { signal: stop.signal })
  late.catch(() => {})
  const writing = write()
  writing.catch(() => {})
  try {
    if ((await Promise.race([writing, late])) === 'late') throw cannotWrite()
  } finally {
    stop.abort()
  }
}

/** SQLITE_BUSY_SNAPSHOT: what the transaction has read is no longer so. https://www.sqlite.org/rescode.html */
function isStale(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 517
}

function cannotWrite(cause?: unknown): TintypeError {
  const detail =
    'The key of a file has to be written down before the transaction that publishes it: on SQLite begin that one by BEGIN, without IMMEDIATE, and call create before anything else in it; or create the media first, and claim it inside.'
  return new TintypeError('database_unavailable', detail, { cause })
}
