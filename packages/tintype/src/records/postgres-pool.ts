import { Socket } from 'node:net'
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import { Client, Pool, type PoolClient, type PoolConfig } from 'pg'

/** Milliseconds that a connection may take to close in the ordinary way. */
const farewell = 5_000

/**
 * A pool of `pg` that survives a server which goes silent without closing its connections: a failover, a dropped route.
 * TCP itself notices that after a quarter of an hour.
 *
 * - A query that runs into its time limit ends its connection, whose next query would wait behind it for ever.
 * - Nor is a connection used again that leads to a standby, where it led to the primary once.
 * - What has happened to one connection has happened to those that are as old, most likely: none of them is used again.
 *   Otherwise each that lies idle would cost a request its time limit.
 *
 * @param config with `query_timeout` and `connectionTimeoutMillis`
 * @param onLost told of connections that are lost while nobody uses them, and of queries without an answer
 */
export function createPostgresPool(config: PoolConfig, onLost: (error: Error) => void): PostgresPool {
  /** Connections of earlier generations are not used again. */
  let generation = 0

  class Connection extends Client {
    readonly generation = generation
    readonly #socket: Socket

    constructor(options?: PoolConfig) {
      const socket = new Socket()
      super({ ...options, stream: () => socket })
      this.#socket = socket
      // A server that is gone never answers the goodbye either.
      socket.once('finish', () => setTimeout(() => socket.destroy(), farewell).unref())
    }

    /** At once: what has not left this machine yet, a COMMIT for instance, never will. */
    cut(): void {
      this.#socket.resetAndDestroy()
    }
  }
  type Lent = Connection & PoolClient

  const pool = new Pool({ ...config, Client: Connection })
  // An idle connection that the server closes (a restart) is replaced at the next use; unhandled it would end us.
  pool.on('error', onLost)
  // The same while it is lent out, between two statements of a transaction.
  pool.on('connect', (client) => void client.on('error', () => distrust(client as Lent)))

  function distrust(client: Connection): void {
    if (client.generation === generation) generation += 1
  }

  function lend(client: Lent): PostgresPoolClient {
    async function query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
      try {
        return (await client.query(sql, [...parameters])) as unknown as PostgresQueryResult<R>
      } catch (error) {
        if (isReadOnly(error)) distrust(client)
        if (isSilence(error)) {
          distrust(client)
          client.cut()
          onLost(error)
        }
        throw error
      }
    }
    return {
      query: query as PostgresPoolClient['query'],
      release: (destroy = false) => client.release(destroy || client.generation !== generation),
    }
  }

  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      for (;;) {
        const client = (await pool.connect()) as Lent
        if (client.generation === generation) return lend(client)
        client.release(true)
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
