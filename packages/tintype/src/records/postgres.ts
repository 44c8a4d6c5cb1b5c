import { type Dialect, PostgresAdapter, PostgresDialect } from 'kysely'
import { types } from 'pg'
import { createPostgresPool } from './postgres-pool.ts'

const int8 = 20

/**
 * Kysely on `pg`. int8 is read as a number: our largest (bytes of a multi-terabyte object, milliseconds since
 * the epoch) is far below 2^53. Statements and idle transactions have time limits, so that a stuck database
 * becomes a 503 and not a pile of waiting requests.
 *
 * @param url `postgres://user:password@host:port/database`; its parameters win over the time limits here,
 * e.g. `?statement_timeout=60000&query_timeout=65000`
 * @param onLost see {@link createPostgresPool}
 */
export function createPostgresDialect(url: string, onLost: (error: Error) => void): Dialect {
  const pool = createPostgresPool(
    {
      connectionString: url,
      max: 10,
      connectionTimeoutMillis: 5_000,
      statement_timeout: 15_000,
      // When the server is gone without a word, its own time limit can't help.
      query_timeout: 20_000,
      // Of an idle connection TCP asks after ten seconds; ten unanswered questions later it is lost.
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      idle_in_transaction_session_timeout: 15_000,
      types: {
        getTypeParser: (oid: number, format?: 'text' | 'binary') =>
          oid === int8 && format !== 'binary' ? Number : types.getTypeParser(oid, format as 'text'),
      },
    },
    onLost,
  )
  return Object.assign(new PostgresDialect({ pool }), { createAdapter: () => new UnlockedAdapter() })
}

/** Without the lock of Kysely's own migrator, which is a session's: see `migrate` in records.ts. */
class UnlockedAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}
