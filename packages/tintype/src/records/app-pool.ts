import type { EventEmitter } from 'node:events'
import { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { PostgresPool } from 'kysely'
import { createLender, type PoolConnection } from './lender.ts'
import { parsers, timeLimits } from './postgres-settings.ts'

/** A `Pool` of `pg`, of the app's own making, as far as it is used here. */
export interface AppPool {
  /** Lends a client. */
  connect(): Promise<unknown>
  /** Tells of errors, among others. */
  on(event: never, listener: never): unknown
  /** Its clients, lent or not. */
  readonly totalCount: number
  /** What it was made with. */
  readonly options: object
}

type Connection = PoolConnection & {
  connectionParameters?: { query_timeout?: number | false }
  connection?: { stream?: unknown }
}

/**
 * The app's pool, with its own settings; it stays open when Tintype closes. Numbers are read as we read them, by each
 * query for itself, whatever the app's own parsers do. Where the app has set no limit of its own, our queries have one,
 * and so has waiting for a connection; limits that the server keeps (`statement_timeout`) are the app's to set.
 */
export function borrowPool(pool: AppPool, onLost: (error: Error) => void): PostgresPool {
  const { connectionTimeoutMillis } = pool.options as { connectionTimeoutMillis?: number }
  const lender = createLender<Connection>({
    connect: connectionTimeoutMillis
      ? () => pool.connect() as Promise<Connection>
      : () => connectInTime(pool),
    queryOptions: ({ connectionParameters }) => ({
      types: parsers,
      ...(connectionParameters?.query_timeout ? {} : { query_timeout: timeLimits.query }),
    }),
    cut: ({ connection }) => cut(connection?.stream),
    onLost,
  })
  const onMade = (connection: unknown) => lender.made(connection as Connection)
  const events = pool as unknown as EventEmitter
  events.on('error', onLost)
  events.on('connect', onMade)
  return {
    options: pool.options,
    connect: lender.connect,
    async end() {
      events.off('error', onLost)
      events.off('connect', onMade)
    },
  }
}

/** In the words of pg's own limit. A connection that comes too late goes back. */
function connectInTime(pool: AppPool): Promise<Connection> {
  const { promise, resolve, reject } = Promise.withResolvers<Connection>()
  let late = false
  const limit = setTimeout(() => {
    late = true
    reject(new Error('timeout exceeded when trying to connect'))
  }, timeLimits.connect)
  ;(pool.connect() as Promise<Connection>).then(
    (connection) => {
      clearTimeout(limit)
      if (late) connection.release()
      else resolve(connection)
    },
    (error: unknown) => {
      clearTimeout(limit)
      reject(error)
    },
  )
  return promise
}

/** TLS has no reset: there, what the system has taken already may still arrive. */
function cut(stream: unknown): void {
  if (stream instanceof TLSSocket) stream.destroy()
  else if (stream instanceof Socket) stream.resetAndDestroy()
}
