import { createConnection, createServer, type Socket } from 'node:net'

/**
 * - `cut before`: the connection is cut, Postgres has not seen the statement
 * - `cut after`: Postgres has carried it out, the answer is lost
 * - `late`: the connection is cut at once, Postgres gets the statement a moment later
 * - `stall before`: the connection stays and says nothing more, Postgres has not seen the statement
 * - `stall after`: the same, but Postgres has carried it out
 */
export type PgFault = (typeof pgFaults)[number]
export const pgFaults = ['cut before', 'cut after', 'late', 'stall before', 'stall after'] as const

export interface PgProxy {
  /** The same database, through the proxy. */
  url: string
  faults: { pick?: (sql: string) => PgFault | undefined }
  /**
   * Postgres has gone silent: connections that there are, and those that come from now on, stay open, and every byte is
   * swallowed, both ways.
   */
  stall(): void
  /** A new Postgres answers at the same address. The connections that had stalled stay silent. */
  resume(): void
  /** Resolves when Postgres is through with whatever came from clients that are gone. */
  idle(): Promise<void>
  close(): Promise<void>
}

/**
 * Stands in front of a Postgres server and understands as much of its protocol as it takes to cut a connection
 * around one statement. https://www.postgresql.org/docs/current/protocol-message-formats.html
 *
 * @param target `postgres://user@host:port/database`; no TLS
 * @param options.lateness milliseconds after which a `late` statement reaches Postgres
 */
export async function startPgProxy(target: string, { lateness = 300 } = {}): Promise<PgProxy> {
  const { hostname, port } = new URL(target)
  const faults: PgProxy['faults'] = {}
  /** Connections to Postgres whose client is gone: it may still carry something out. */
  const leaving = new Set<Promise<unknown>>()
  const sockets = new Set<Socket>()
  let silent = false
  const silence = new Set<() => void>()

  const server = createServer({ noDelay: true }, (client) => {
    const postgres = createConnection({ host: hostname, port: Number(port || 5432), noDelay: true })
    let answersAreLost = false
    let fault: PgFault | undefined
    let held: Buffer[] = []
    let muted = silent
    const mute = () => {
      muted = true
    }
    silence.add(mute)

    for (const socket of [client, postgres]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => sockets.delete(socket))
    }
    const closed = new Promise((resolve) => postgres.once('close', resolve))
    // A server that has gone silent doesn't say goodbye either.
    void closed.then(() => muted || client.destroy())
    client.once('close', () => {
      silence.delete(mute)
      leaving.add(closed)
      void closed.then(() => leaving.delete(closed))
      // Half a close: Postgres finishes what it has begun, then hangs up.
      if (fault !== 'late') postgres.end()
    })

    /** The last message of a request: from here on Postgres carries it out. */
    function carryOut(): void {
      if (fault === undefined) return
      const request = Buffer.concat(held)
      held = []
      if (fault === 'cut after' || fault === 'stall after') {
        answersAreLost = true
        postgres.write(request)
        return
      }
      client.destroy()
      setTimeout(() => {
        answersAreLost = true
        postgres.end(request)
      }, lateness)
    }

    client.on(
      'data',
      readMessages({ startup: true }, (type, message) => {
        if (muted) return
        if (fault === undefined && (type === 'Q' || type === 'P')) {
          fault = faults.pick?.(sqlOf(type, message))
          if (fault === 'stall before') return mute()
          if (fault === 'cut before') client.destroy()
        }
        if (fault === undefined) return void postgres.write(message)
        if (fault === 'cut before') return
        held.push(message)
        if (type === 'Q' || type === 'S') carryOut()
      }),
    )
    postgres.on(
      'data',
      readMessages({ startup: false }, (type, message) => {
        if (muted) return
        if (!answersAreLost) return void client.write(message)
        // ReadyForQuery: it has been carried out.
        if (type === 'Z') fault === 'stall after' ? mute() : client.destroy()
      }),
    )
  })

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as { port: number }).port)
  return {
    url: url.href,
    faults,
    stall() {
      silent = true
      for (const mute of silence) mute()
    },
    resume() {
      silent = false
    },
    async idle() {
      while (leaving.size > 0) await Promise.all(leaving)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** Cuts a stream into messages: a type byte (which the first one of a client lacks), a length, the rest. */
function readMessages({ startup }: { startup: boolean }, onMessage: (type: string, message: Buffer) => void) {
  let rest = Buffer.alloc(0)
  let first = startup
  return (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const head = first ? 0 : 1
      if (rest.length < head + 4) return
      const size = head + rest.readInt32BE(head)
      if (rest.length < size) return
      const message = rest.subarray(0, size)
      rest = rest.subarray(size)
      const type = first ? '' : String.fromCharCode(message[0] as number)
      first = false
      onMessage(type, message)
    }
  }
}

/** Query: the text. Parse: a statement's name, then the text. */
function sqlOf(type: string, message: Buffer): string {
  const start = type === 'Q' ? 5 : message.indexOf(0, 5) + 1
  return message.toString('utf8', start, message.indexOf(0, start))
}
