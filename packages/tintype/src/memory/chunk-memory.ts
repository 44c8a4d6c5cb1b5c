import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { createAttached } from '../attached.ts'

/**
 * The memory of the chunks that a request's body comes in. Freed by hand it is back at once; V8 would let some ninety
 * megabytes of it pile up, and collect garbage all the time.
 */
export interface ChunkMemory {
  /** Adds the one listener that takes the chunks, in place of the one before. */
  listen(take: (chunk: Buffer) => void): void
  /** Gives the chunk's memory back where it is certain that nobody else can see it; else leaves it to V8. */
  free(chunk: Buffer): void
}

const known = createAttached<ChunkMemory>('tintype chunks')

/**
 * Freed memory is empty for everybody who holds the chunk, at once and without an error. So nothing is freed but what
 * Node's own parser has cut off a socket for this request, and only as long as nobody beside us has listened to either:
 * another listener may keep chunks (to log them, to verify a signature), and one that was added with `once` is no
 * longer there when its chunk has come.
 */
export function chunkMemory(req: Readable): ChunkMemory {
  return known.of(req, () => watch(req))
}

function watch(req: Readable): ChunkMemory {
  let own: ((chunk: Buffer) => void) | undefined
  let isOurs = false
  let connection: Connection | undefined
  if (isFromSocket(req) && listeners(req) === 0) {
    connection = watchSocket(req.socket)
    isOurs = listeners(req.socket) === listenersOfHttp
    req.on('newListener', (event, listener) => {
      if (listener !== own && isReading(event)) isOurs = false
    })
  }
  return {
    listen(take) {
      if (own) req.off('data', own)
      own = take
      req.on('data', take)
    },
    free(chunk) {
      const memory = chunk.buffer as ArrayBuffer
      if (isOurs && connection?.isOurs && chunk.length >= smallestFreed && chunk.length === memory.byteLength)
        memory.transfer(0)
    },
  }
}

/** A kept connection brings many requests. */
interface Connection {
  /** Only Node's own server has ever listened to its bytes. */
  isOurs: boolean
}

const connections = createAttached<Connection>('tintype connection')

function watchSocket(socket: Socket): Connection {
  return connections.of(socket, () => {
    const watched = { isOurs: true }
    socket.on('newListener', (event) => {
      if (isReading(event)) watched.isOurs = false
    })
    return watched
  })
}

function isReading(event: string | symbol): boolean {
  return event === 'data' || event === 'readable'
}

const smallestFreed = 16 * 1024
/** Node's server listens to its socket once. */
const listenersOfHttp = 1

/**
 * Not made by hand, as those of test tools and of functions in a cloud are; nobody has taken chunks out and put them
 * back; and nobody has replaced the methods that chunks pass through.
 */
function isFromSocket(req: Readable): req is IncomingMessage {
  return (
    req instanceof IncomingMessage &&
    req.socket instanceof Socket &&
    req.socket.bytesRead > 0 &&
    !req.readableDidRead &&
    [req, req.socket].every((stream) => !['emit', 'push', 'read'].some((name) => Object.hasOwn(stream, name)))
  )
}

function listeners(stream: Readable): number {
  return stream.listenerCount('data') + stream.listenerCount('readable')
}
