import { once } from 'node:events'
import { type AddressInfo, createServer, connect as dial, type Server, type Socket } from 'node:net'
import { createLine, type Flow, type Line } from './line.ts'

/** What lies between a browser and the servers: latency, a bandwidth that all connections share, and cuts. */
export interface Link {
  /** A port of this machine at which `target` answers over the link. */
  open(target: string): Promise<Endpoint>
  /**
   * Every connection ends with an error at both of its ends, what was on its way is lost, and new ones are refused,
   * as when a machine loses its network.
   */
  cut(): void
  restore(): void
  close(): Promise<void>
}

export interface Endpoint {
  /** `http://127.0.0.1:PORT` */
  origin: string
  /** Bytes towards the target that have had the line: what a meter at the line's beginning would count. */
  sent(): number
  /** When the last of them left, by `performance.now()`. */
  sentAt(): number
  /** Connections that have sent something within the last second. */
  active(): number
  /** Resolves when `sent()` is so much. */
  reached(bytes: number): Promise<void>
}

export interface LinkOptions {
  /** Milliseconds there and back. */
  latency: number
  /** Bits a second in each direction. */
  bandwidth: number
}

interface Connection {
  client: Socket
  target: Socket
  flows: Flow[]
  /** When it last sent something to the target. */
  sentAt: number
}

/** @param options e.g. `{ latency: 50, bandwidth: 100e6 }` */
export function createLink({ latency, bandwidth }: LinkOptions): Link {
  const way = { rate: bandwidth / 8, delay: latency / 2 }
  const [up, down] = [createLine(way), createLine(way)]
  const connections = new Set<Connection>()
  const servers: Server[] = []
  let isCut = false

  const reset = (connection: Connection) => {
    connections.delete(connection)
    for (const flow of connection.flows) flow.drop()
    for (const socket of [connection.client, connection.target])
      if (!socket.destroyed) socket.resetAndDestroy()
  }

  return {
    async open(origin) {
      const { hostname, port } = new URL(origin)
      const own = new Set<Connection>()
      const goals: { bytes: number; resolve: () => void }[] = []
      let sent = 0
      let sentAt = 0

      const server = createServer({ allowHalfOpen: true }, (client) => {
        client.on('error', () => {})
        if (isCut) return client.resetAndDestroy()
        const target = dial({ host: hostname, port: Number(port), allowHalfOpen: true, noDelay: true })
        client.setNoDelay(true)
        const connection: Connection = { client, target, flows: [], sentAt: -Infinity }
        const carried = (bytes: number) => {
          sent += bytes
          sentAt = performance.now()
          connection.sentAt = sentAt
          while (goals[0] && goals[0].bytes <= sent) goals.shift()?.resolve()
        }
        // The handshake takes a round trip before the first byte leaves.
        const from = performance.now() + latency
        connection.flows = [
          join(up, { source: client, sink: target, from, carried }),
          join(down, { source: target, sink: client, from: 0, carried: () => {} }),
        ]
        for (const set of [connections, own]) set.add(connection)
        for (const socket of [client, target]) {
          socket.on('error', () => reset(connection))
          socket.on('close', () => {
            if (!client.destroyed || !target.destroyed) return
            for (const set of [connections, own]) set.delete(connection)
          })
        }
      })
      servers.push(server)
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      return {
        origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        sent: () => sent,
        sentAt: () => sentAt,
        active: () => [...own].filter(({ sentAt }) => performance.now() - sentAt < 1000).length,
        reached(bytes) {
          const { promise, resolve } = Promise.withResolvers<void>()
          goals.push({ bytes, resolve })
          goals.sort((a, b) => a.bytes - b.bytes)
          return promise
        },
      }
    },
    cut() {
      isCut = true
      for (const connection of connections) reset(connection)
    },
    restore() {
      isCut = false
    },
    async close() {
      for (const connection of connections) reset(connection)
      for (const server of servers) await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Ends {
  source: Socket
  sink: Socket
  from: number
  carried(bytes: number): void
}

/** One direction of a connection. The source is not read while the line has no room. */
function join(line: Line, { source, sink, from, carried }: Ends): Flow {
  const flow = line.open({
    from,
    carried,
    deliver: (piece, done) => sink.write(piece, done),
    finish: () => sink.end(),
    roomy: () => source.resume(),
  })
  source.on('data', (chunk) => flow.push(chunk) || source.pause())
  source.on('end', () => flow.end())
  return flow
}
