import { Socket } from 'node:net'
import type { PostgresPool } from 'kysely'
import type { PoolClient, PoolConfig } from 'pg'
import { createLender, type PoolConnection } from './lender.ts'
import { loadPg } from './load-pg.ts'

/** Milliseconds that a connection may take to close in the ordinary way. */
const farewell = 5_000

/**
 * A pool of our own, which survives a server that goes silent: see {@link createLender}.
 *
 * @param config with `query_timeout` and `connectionTimeoutMillis`
 * @param onLost told of connections that are lost while they are idle, and of queries without an answer
 * @throws {ConfigError} when `pg` is not installed
 */
export async function createPostgresPool(
  config: PoolConfig,
  onLost: (error: Error) => void,
): Promise<PostgresPool> {
  const { Client, Pool } = await loadPg()

  class Connection extends Client {
    readonly #socket: Socket

    constructor(options?: PoolConfig) {
      const socket = new Socket()
      super({ ...options, stream: () => socket })
      this.#socket = socket
      // A server that is gone never answers the goodbye either.
      socket.once('finish', () => setTimeout(() => socket.destroy(), farewell).unref())
    }

    cut(): void {
      this.#socket.resetAndDestroy()
    }
  }
  type Lent = Connection & PoolClient & PoolConnection

  const pool = new Pool({ ...config, Client: Connection })
  const lender = createLender<Lent>({
    connect: () => pool.connect() as Promise<Lent>,
    cut: (connection) => connection.cut(),
    onLost,
  })
  // An idle connection that the server closes (a restart) is replaced at the next use; unhandled it would end us.
  pool.on('error', onLost)
  pool.on('connect', (client) => lender.made(client as Lent))
  return { options: pool.options, end: () => pool.end(), connect: lender.connect }
}
