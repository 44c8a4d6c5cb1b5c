import type { PostgresPoolClient, PostgresQueryResult } from 'kysely'
import { askForDriver } from './sqlite.ts'

/** What is asked of a connection of `pg`. */
export interface PoolConnection {
  query(query: { text: string; values: unknown[] } & QueryOptions): Promise<unknown>
  release(destroy?: boolean): void
  on(event: 'error', listener: (error: Error) => void): unknown
  off(event: 'error', listener: (error: Error) => void): unknown
}

/** Of one query. https://node-postgres.com/apis/client#queryconfig */
export interface QueryOptions {
  types?: { getTypeParser(oid: number, format?: string): (value: never) => unknown }
  /** Milliseconds. */
  query_timeout?: number
}

export interface LenderOptions<Connection> {
  connect(): Promise<Connection>
  queryOptions?(connection: Connection): QueryOptions
  /** Ends the connection at once: what has not left this machine yet, a COMMIT for instance, never will. */
  cut(connection: Connection): void
  /** Told of queries without an answer. */
  onLost(error: Error): void
}

/**
 * Lends connections of a pool so that a Postgres that goes silent without closing them (a failover, a dropped route)
 * costs one time limit. TCP itself notices that after a quarter of an hour.
 *
 * - A query that runs into its time limit ends its connection, whose next query would wait behind it for ever.
 * - Nor is a connection used again that leads to a standby, where it led to the primary once.
 * - What has happened to one connection has happened to those that are as old, most likely: none of them is used again.
 *   Otherwise each that lies idle would cost a request its time limit.
 */
export function createLender<Connection extends PoolConnection>({
  connect,
  queryOptions = () => ({}),
  cut,
  onLost,
}: LenderOptions<Connection>) {
  /** Connections of earlier generations are not used again. */
  let generation = 0
  const generations = new WeakMap<Connection, number>()
  const isTrusted = (connection: Connection) => (generations.get(connection) ?? 0) === generation

  function distrust(connection: Connection): void {
    if (isTrusted(connection)) generation += 1
  }

  function lend(connection: Connection): PostgresPoolClient {
    const options = queryOptions(connection)
    // Between two statements of a transaction; unhandled it would end us.
    const onError = () => distrust(connection)
    connection.on('error', onError)

    async function query<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
      if (text === askForDriver) return { rows: [connection as unknown as R], rowCount: 1, command: 'SELECT' }
      try {
        return (await connection.query({
          text,
          values: parameters as unknown[],
          ...options,
        })) as PostgresQueryResult<R>
      } catch (error) {
        if (isReadOnly(error)) distrust(connection)
        if (isSilence(error)) {
          distrust(connection)
          cut(connection)
          onLost(error)
        }
        throw error
      }
    }
    return {
      query: query as PostgresPoolClient['query'],
      release(destroy = false) {
        connection.release(destroy || !isTrusted(connection))
        connection.off('error', onError)
      },
    }
  }

  return {
    /** To be told of each new connection. */
    made: (connection: Connection) => void generations.set(connection, generation),
    async connect(): Promise<PostgresPoolClient> {
      for (;;) {
        const connection = await connect()
        if (isTrusted(connection)) return lend(connection)
        connection.release(true)
      }
    },
  }
}

/** What was the primary is a standby now; its address leads to another one, or soon will. */
function isReadOnly(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '25006'
}

/** An error that pg makes itself, without a code. */
function isSilence(error: unknown): error is Error {
  return error instanceof Error && error.message === 'Query read timeout'
}
