import { type Dialect, PostgresDialect } from 'kysely'
import type { PoolConfig } from 'pg'
import { type AppPool, borrowPool } from './app-pool.ts'
import { createPostgresPool } from './postgres-pool.ts'
import { parsers, timeLimits } from './postgres-settings.ts'

/**
 * Kysely on `pg`. Statements and idle transactions have time limits, so that a stuck database becomes a 503 and not a
 * pile of waiting requests.
 *
 * @param from `postgres://user:password@host:port/database`, whose parameters win over the time limits here, e.g.
 * `?statement_timeout=60000&query_timeout=65000`; or the app's own pool
 * @param onLost see {@link createPostgresPool}
 */
export function createPostgresDialect(from: string | AppPool, onLost: (error: Error) => void): Dialect {
  const pool =
    typeof from === 'string' ? () => createPostgresPool(ourSettings(from), onLost) : borrowPool(from, onLost)
  return new PostgresDialect({ pool })
}

function ourSettings(connectionString: string): PoolConfig {
  return {
    connectionString,
    max: 10,
    connectionTimeoutMillis: timeLimits.connect,
    statement_timeout: timeLimits.statement,
    // When the server is gone without a word, its own time limit can't help.
    query_timeout: timeLimits.query,
    // Of an idle connection TCP asks after ten seconds; ten unanswered questions later it is lost.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    idle_in_transaction_session_timeout: timeLimits.statement,
    types: parsers,
  }
}
