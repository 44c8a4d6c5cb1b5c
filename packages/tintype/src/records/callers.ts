import type { DatabaseSync } from 'node:sqlite'
import type { Kysely } from 'kysely'
import { type Executor, overConnection } from './lent.ts'
import type { DatabaseKind, TablePlace } from './place.ts'
import type { Ledger } from './schema.ts'
import { createSqliteConnection } from './sqlite.ts'

/**
 * A transaction that the app has begun, on the database that Tintype uses: a Kysely transaction, a `pg` client
 * after BEGIN, or a `DatabaseSync` of node:sqlite after BEGIN. What is done inside it happens when the app
 * commits, or not at all.
 */
export type CallersTransaction =
  | KyselyTransaction
  | PgClient
  | Pick<DatabaseSync, 'prepare' | 'exec' | 'isTransaction'>

/** A `Transaction` of Kysely, as far as it is used here. */
export interface KyselyTransaction {
  /** Told apart by it from Kysely itself. */
  readonly isTransaction: boolean
  /** Ours are not the app's. */
  withoutPlugins(): unknown
}

/** A `Client` of `pg`, or one that a pool has lent, as far as it is used here. */
export interface PgClient {
  /** Runs one statement. */
  query(text: string, values: unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }>
}

/** Our statements over the caller's connection. @throws {TypeError} for what is no transaction, or of another database */
export function overCallers(trx: CallersTransaction, kind: DatabaseKind, place: TablePlace): Kysely<Ledger> {
  if ('isTransaction' in trx && !trx.isTransaction) {
    throw new TypeError('trx is no transaction: begin one first, and commit it after.')
  }
  return overConnection(executorOf(trx, kind), kind, place)
}

function executorOf(trx: CallersTransaction, kind: DatabaseKind): Executor {
  if ('withoutPlugins' in trx) return trx.withoutPlugins() as Kysely<Ledger>
  // A pool has `query`, too, and each of its statements goes to another connection, outside of any transaction.
  if ('totalCount' in trx)
    throw new TypeError('trx is a pool of pg. Give the client that pool.connect() lends, after begin.')
  if (kind === 'postgres' && 'query' in trx && typeof trx.query === 'function') {
    return {
      async executeQuery({ sql, parameters }) {
        const { rows, rowCount } = await trx.query(sql, [...parameters])
        return { rows, numAffectedRows: BigInt(rowCount ?? 0) }
      },
    }
  }
  if (kind === 'sqlite' && 'isTransaction' in trx && 'prepare' in trx) return createSqliteConnection(trx)
  const known =
    kind === 'postgres' ? 'a client of pg after begin' : 'a DatabaseSync of node:sqlite after begin'
  throw new TypeError(
    `trx has to be ${known}, or a transaction of Kysely: docs/transactions.md has how Drizzle and Knex give one.`,
  )
}
