import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { CompiledQuery, type Kysely, sql } from 'kysely'
import { TintypeError } from '../errors.ts'
import type { PgClient } from './callers.ts'
import type { DatabaseKind } from './place.ts'
import type { Ledger } from './schema.ts'
import { askForDriver, type Loan, onLoan } from './sqlite.ts'
import { databaseUnavailable, isUnavailable } from './unavailable.ts'

/** What an app gets of an open transaction of ours. */
export type HookTransaction = SqliteTransaction | PgTransaction

/** Of a database of `node:sqlite`. */
export type SqliteTransaction = Pick<DatabaseSync, 'prepare' | 'exec' | 'isTransaction'>

/** Of a client of `pg`. */
export interface PgTransaction extends PgClient {
  /** Sends one statement, with its parameters. */
  // biome-ignore lint/suspicious/noExplicitAny: rows are whatever the app's statement selects, as in pg's own types
  query(text: string, values?: unknown[]): Promise<{ rows: any[]; rowCount: number | null }>
}

/**
 * Lends an open transaction of ours to the app: for as long as the work takes, and not a statement longer. On Postgres the
 * connection goes back into the pool after it, and on SQLite there is but this one: a statement that came late would be
 * part of another upload's transaction.
 *
 * @throws what the work throws; an error that says so when the work has ended or broken the transaction
 */
export async function lendTransaction(
  trx: Kysely<Ledger>,
  kind: DatabaseKind,
  work: (lent: HookTransaction) => Promise<void>,
): Promise<void> {
  const { rows } = await trx.executeQuery(CompiledQuery.raw(askForDriver))
  const loan: PgLoan = { isOver: false }
  try {
    if (kind === 'sqlite') {
      const db = rows[0] as DatabaseSync
      await onLoan(loan, () => work(lendSqlite(db, loan)))
      if (!db.isTransaction) throw new TransactionEnded()
    } else {
      const before = await transactionId(trx)
      await work(lendPostgres(rows[0] as PgTransaction, loan))
      // Also a statement: in a transaction that an error of the app's has aborted, COMMIT undoes everything and says nothing.
      if ((await transactionId(trx)) !== before) throw new TransactionEnded()
    }
  } catch (error) {
    // The app's statements go over a connection of ours: that it was lost is no fault of the app.
    const isHooks = error instanceof TintypeError && error.code === 'hook_failed'
    throw isHooks && loan.lost ? databaseUnavailable(loan.lost) : error
  } finally {
    loan.isOver = true
  }
}

interface PgLoan extends Loan {
  /** Why a statement of the app was left without an answer. */
  lost?: unknown
}

/** Whether anything of it has been committed is not known. */
export class TransactionEnded extends TintypeError {
  constructor() {
    super('hook_failed', 'Something went wrong in this app. Try again later, or tell those who run it.', {
      cause: new Error(
        'A hook has ended its transaction, or gone on after an error in it that has aborted it: let errors through, and leave COMMIT and ROLLBACK to Tintype.',
      ),
    })
  }
}

async function transactionId(trx: Kysely<Ledger>): Promise<unknown> {
  try {
    const { rows } = await sql<{ id: unknown }>`select txid_current_if_assigned()::text as id,
      set_config('statement_timeout', ${String(longestStatement)}, true)`.execute(trx)
    return rows[0]?.id
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined
    const isAborted = cause instanceof Error && 'code' in cause && cause.code === '25P02'
    throw isAborted ? new TransactionEnded() : error
  }
}

/**
 * Milliseconds: what a hook whose time is over still waits for holds up the end of the transaction no longer than that,
 * also on a pool of the app's, whose connections may have no limit.
 */
const longestStatement = 10_000

function demand(loan: Loan, text: unknown): void {
  if (loan.isOver)
    throw new Error('The hook is over, and so is its transaction: trx is good until the hook returns.')
  if (typeof text === 'string' && endsTransaction.test(text)) throw new TransactionEnded()
}

/** Savepoints are the app's to use. */
const endsTransaction =
  /^\s*(begin|start\s+transaction|commit|end|abort|rollback(?!\s+((work|transaction)\s+)?to\b)|prepare\s+transaction)\b/i

function lendSqlite(db: DatabaseSync, loan: Loan): SqliteTransaction {
  return {
    get isTransaction() {
      return !loan.isOver && db.isTransaction
    },
    exec(text) {
      demand(loan, text)
      db.exec(text)
    },
    prepare(text) {
      demand(loan, text)
      return guarded(db.prepare(text), loan)
    },
  }
}

/** Statements that were prepared in time can't be run too late. */
function guarded(statement: StatementSync, loan: Loan): StatementSync {
  return new Proxy(statement, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...values: unknown[]) => {
        demand(loan, undefined)
        return value.apply(target, values)
      }
    },
  })
}

/** Everything else of the client is as it is, for query builders that take one. */
function lendPostgres(client: PgTransaction, loan: PgLoan): PgTransaction {
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (name === 'release' || name === 'end') return () => {}
      if (name !== 'query') return value.bind(target)
      return (query: unknown, ...values: unknown[]) => {
        demand(loan, typeof query === 'object' && query !== null && 'text' in query ? query.text : query)
        const answer: unknown = value.call(target, query, ...values)
        // A query with a callback, or an object with events, has no promise.
        if (answer instanceof Promise) {
          answer.catch((error: unknown) => {
            if (isUnavailable(error)) loan.lost = error
          })
        }
        return answer
      }
    },
  })
}
