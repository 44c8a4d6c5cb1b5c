import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import type { ChunkMemory } from './chunk-memory.ts'
import { clientGone } from './client-signal.ts'
import { createTurns } from './turns.ts'

/** A request as the ways in see it, whichever door it came through. */
export interface Incoming {
  /** Names in lower case; what came more than once is joined or dropped as `node:http` does. */
  readonly headers: IncomingHttpHeaders
  /** The body. For the doors of Node it is Node's own request: nothing is wrapped or copied. */
  readonly body: Readable
  /** Whether somebody else has read of the body before us. */
  readonly wasRead: boolean
  /** Aborts when the client has gone away before it had its whole answer; the same one for all who ask. */
  readonly signal: AbortSignal
  /** Everything but the body has been accepted: answers `Expect: 100-continue`. */
  accept(): void
}

export interface BodyOptions {
  clock: Clock
  /** Milliseconds over which a sender has to bring {@link BodyOptions.leastRate}. */
  stallTimeout: number
  /** Bytes a second that are asked of the sender now. */
  leastRate(): number
  /** Frees each chunk once it has been taken. @default they are left to V8 */
  chunks?: ChunkMemory
  /** Ends the reading. For a stream that isn't told when the client goes away. */
  signal?: AbortSignal
  /** What it means that the body breaks off. @default the client has gone */
  brokenOff?(): unknown
}

/** Bytes after which a body gives way to new connections: what is smaller is read before it would be worth it. */
const largeBody = 256 * 1024
const turns = createTurns()

/** So often in a stall time-out one looks back over the whole of it. */
const looksPerTimeout = 4

/**
 * Reads a request's body, or one file of it, to its end. While `take` waits, the sender is stopped, and that time is not
 * the sender's.
 *
 * When this fails, the rest is unread and the socket open, so that the answer can go out; `take` may still be waiting.
 *
 * @param take is given each chunk as it comes, the next one when it is done with the last
 * @throws {TintypeError} `too_slow` when the sender stalls, `malformed_request` when it goes away; what `take` throws
 */
export function readBody(
  body: Readable,
  take: (chunk: Buffer) => void | Promise<void>,
  { clock, stallTimeout, leastRate, chunks, signal, brokenOff = clientGone }: BodyOptions,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let received = 0
  let unread = 0
  let unreadSince: number | undefined
  let hasEnded = false
  /** How things stood at the last looks, the first of them one stall time-out ago. */
  const looks = [{ received, unread }]
  let cancelTimer = clock.after(stallTimeout / looksPerTimeout, look)

  function look(): void {
    looks.push({ received, unread: unreadTime() })
    const before = looks.length > looksPerTimeout ? looks.shift() : undefined
    if (before && isTooSlow(received - before.received, unreadTime() - before.unread)) {
      fail(tooSlow(stallTimeout))
      return
    }
    cancelTimer = clock.after(stallTimeout / looksPerTimeout, look)
  }

  /** Where we were the slow ones for most of the time, the rest says little about the client. */
  function isTooSlow(bytes: number, ours: number): boolean {
    return ours <= stallTimeout / 2 && bytes < (leastRate() * (stallTimeout - ours)) / 1000
  }

  function unreadTime(): number {
    return unread + (unreadSince === undefined ? 0 : clock.now() - unreadSince)
  }

  function pass(chunk: Buffer): void {
    received += chunk.length
    try {
      const waiting = take(chunk) ?? (received > largeBody ? turns.wait() : undefined)
      if (!waiting) {
        chunks?.free(chunk)
        return
      }
      unreadSince = clock.now()
      body.pause()
      waiting.then(() => goOn(chunk), fail)
    } catch (error) {
      fail(error)
    }
  }

  function goOn(taken: Buffer): void {
    chunks?.free(taken)
    unread = unreadTime()
    unreadSince = undefined
    if (hasEnded) end()
    else body.resume()
  }

  /** Of a body that had come whole before it was read, Node tells the end even while it is paused. */
  function end(): void {
    hasEnded = true
    if (unreadSince !== undefined) return
    stop()
    resolve()
  }

  function fail(error: unknown): void {
    stop()
    body.pause()
    reject(error)
  }

  function gone(): void {
    // Not by `complete`: a body that has come whole is lost all the same when its socket closes before it is read.
    if (!hasEnded) fail(brokenOff())
  }

  function stop(): void {
    cancelTimer()
    body.off('data', pass)
    body.off('end', end)
    body.off('close', gone)
    body.off('error', gone)
    signal?.removeEventListener('abort', gone)
    body.on('error', () => {})
  }

  if (chunks) chunks.listen(pass)
  else body.on('data', pass)
  body.once('end', end)
  body.once('close', gone)
  body.once('error', gone)
  signal?.addEventListener('abort', gone)
  // It may have closed before there was a listener.
  if (body.destroyed || signal?.aborted) gone()
  // Another listener may have paused it.
  else body.resume()
  return promise
}

/** Whether it has been read elsewhere. An empty one has no data that could tell, only an end. */
export function wasRead(body: Readable): boolean {
  return body.readableDidRead || body.readableEnded
}

/** @param stallTimeout milliseconds */
export function tooSlow(stallTimeout: number): TintypeError {
  const seconds = Math.round(stallTimeout / 1000)
  return new TintypeError('too_slow', `Too little arrived in ${seconds} seconds. Send it again.`)
}
