import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Where clients reach a server that goes and comes: connections wait until it is there. */
export interface Door {
  url: string
  port: number
  /** Resolves when so many more bytes have come from clients; from then on nothing passes. */
  holdAt(bytes: number): Promise<void>
  /** Ends what is connected, and lets new connections wait. */
  close(): void
  /** Ends what is connected, and lets nobody in, as a lost network does. */
  cut(): void
  /** Nothing passes any more, and nobody is told: a train in a tunnel. */
  lose(): void
  /** Clients learn that their connections are gone. The server never does. */
  reset(): void
  /** Lets pass again. @param port of the server */
  open(port: number): void
  stop(): void
}

export async function startDoor(): Promise<Door> {
  const clients = new Set<Socket>()
  const waiting = new Set<Socket>()
  let target: number | undefined
  let seen = 0
  let isCut = false
  let limit = Number.POSITIVE_INFINITY
  let reached: (() => void) | undefined
  let isLost = false
  /** Their clients are gone, which they don't know. */
  const abandoned = new Set<Socket>()

  function pass(client: Socket) {
    const server = connect(target as number, '127.0.0.1')
    client.on('data', (chunk) => {
      seen += chunk.length
      if (seen >= limit) {
        for (const one of clients) one.pause()
        reached?.()
        return
      }
      if (!server.write(chunk)) client.pause()
    })
    server.on('drain', () => seen < limit && client.resume())
    client.on('end', () => server.end())
    server.pipe(client)
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => {})
      one.on('close', () => {
        if (isLost && one === client) abandoned.add(other)
        else other.destroy()
      })
    }
    client.resume()
  }

  const listener = createServer((client) => {
    if (isCut) return void client.destroy()
    clients.add(client)
    if (isLost) client.pause()
    client.on('error', () => {})
    client.on('close', () => {
      clients.delete(client)
      waiting.delete(client)
    })
    if (target === undefined || isLost) waiting.add(client.pause())
    else pass(client)
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as AddressInfo

  return {
    url: `http://localhost:${port}`,
    port,
    holdAt(bytes) {
      limit = seen + bytes
      return new Promise((resolve) => {
        reached = resolve
      })
    },
    close() {
      target = undefined
      for (const one of clients) if (!waiting.has(one)) one.destroy()
    },
    cut() {
      isCut = true
      for (const one of clients) one.destroy()
    },
    lose() {
      isLost = true
      limit = 0
      for (const one of clients) one.pause()
    },
    reset() {
      for (const one of clients) one.resetAndDestroy()
    },
    open(port) {
      isCut = false
      isLost = false
      target = port
      limit = Number.POSITIVE_INFINITY
      for (const one of waiting) pass(one)
      waiting.clear()
    },
    stop() {
      listener.close()
      for (const one of [...clients, ...abandoned]) one.destroy()
    },
  }
}
