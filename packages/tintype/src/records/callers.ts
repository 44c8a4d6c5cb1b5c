import type { DatabaseSync } from 'node:sqlite'
import {
  type CompiledQuery,
  type DatabaseConnection,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
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

export interface KyselyTransaction {
  readonly isTransaction: boolean
  withoutPlugins(): unknown
}

export interface PgClient {
  query(text: string, values: unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }>
}

/** Our statements over the caller's connection. @throws {TypeError} where no transaction has been begun */
export function overCallers(trx: CallersTransaction): Kysely<Ledger> {
  if ('isTransaction' in trx && !trx.isTransaction) {
    throw new TypeError('trx is no transaction: begin one first, and commit it after.')
  }
  if ('withoutPlugins' in trx) return trx.withoutPlugins() as Kysely<Ledger>
  return 'query' in trx ? overPg(trx) : overSqlite(trx)
}

function overPg(client: PgClient): Kysely<Ledger> {
  const connection: DatabaseConnection = {
    async executeQuery<Row>({ sql, parameters }: CompiledQuery) {
      const { rows, rowCount } = await client.query(sql, [...parameters])
      return { rows: rows as Row[], numAffectedRows: BigInt(rowCount ?? 0) }
    },
    streamQuery,
  }
  return new Kysely({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new LentDriver(connection),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
}

function overSqlite(db: Pick<DatabaseSync, 'prepare'>): Kysely<Ledger> {
  return new Kysely({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new LentDriver(createSqliteConnection(db)),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })
}

/** Begins, ends and closes nothing: that is the caller's. */
class LentDriver extends DummyDriver {
  readonly #connection: DatabaseConnection

  constructor(connection: DatabaseConnection) {
    super()
    this.#connection = connection
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection
  }
}

// biome-ignore lint/correctness/useYield: nothing of ours is streamed
async function* streamQuery(): AsyncGenerator<never> {
  throw new Error('Streaming is not offered in a transaction of the app.')
}
