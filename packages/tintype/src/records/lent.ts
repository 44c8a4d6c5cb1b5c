import {
  type CompiledQuery,
  type DatabaseConnection,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  type QueryResult,
  SqliteIntrospector,
} from 'kysely'
import { createQueryCompiler, type DatabaseKind, type TablePlace } from './place.ts'
import type { Ledger } from './schema.ts'
import { TransactionalSqliteAdapter } from './sqlite.ts'

/** A connection, or a Kysely transaction. */
export interface Executor {
  executeQuery(query: CompiledQuery): Promise<QueryResult<unknown>>
}

/** Our statements over a connection on which a transaction is under way: nothing is begun, ended or closed here. */
export function overConnection(executor: Executor, kind: DatabaseKind, place: TablePlace): Kysely<Ledger> {
  const isPostgres = kind === 'postgres'
  return new Kysely({
    dialect: {
      createAdapter: () => (isPostgres ? new UnlockedAdapter() : new TransactionalSqliteAdapter()),
      createDriver: () => new LentDriver(executor),
      createIntrospector: (db) => (isPostgres ? new PostgresIntrospector(db) : new SqliteIntrospector(db)),
      createQueryCompiler: () => createQueryCompiler(kind, place),
    },
  })
}

/** Without the lock of Kysely's own migrator, which is a session's: see `migrate`. */
class UnlockedAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

class LentDriver extends DummyDriver {
  readonly #connection: DatabaseConnection

  constructor(executor: Executor) {
    super()
    const executeQuery = (query: CompiledQuery) => executor.executeQuery(query)
    this.#connection = { executeQuery: executeQuery as DatabaseConnection['executeQuery'], streamQuery }
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection
  }
}

// biome-ignore lint/correctness/useYield: nothing of ours is streamed
async function* streamQuery(): AsyncGenerator<never> {
  throw new Error('Streaming is not offered in a transaction of the app.')
}
