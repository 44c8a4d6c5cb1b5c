import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'

export interface BodyOptions {
  clock: Clock
  /** Milliseconds over which a sender has to bring {@link BodyOptions.leastRate}. */
  stallTimeout: number
  /** Bytes a second that are asked of the sender now. */
  leastRate(): number
}

/** So often in a stall time-out one looks back over the whole of it. */
const looksPerTimeout = 4
/** So much is read ahead of whoever reads the body. */
const readAhead = 64 * 1024

/**
 * A request's body as a stream of its own, for Multer to read. Multer waits for the end of what it reads before
 * it reports an error; destroying this stream lets it report at once, while the socket stays open for the answer.
 *
 * It fails with `too_slow` when the client stalls, and when the client has gone. Time in which nobody reads the
 * body is not the client's.
 */
export function createBody(
  req: IncomingMessage,
  { clock, stallTimeout, leastRate }: BodyOptions,
): Readable & { headers: IncomingMessage['headers'] } {
  let received = 0
  let unread = 0
  let unreadSince: number | undefined
  /** How things stood at the last looks, the first of them one stall time-out ago. */
  const looks = [{ received, unread }]
  let cancelTimer = clock.after(stallTimeout / looksPerTimeout, look)

  function look(): void {
    looks.push({ received, unread: unreadTime() })
    const before = looks.length > looksPerTimeout ? looks.shift() : undefined
    if (before && isTooSlow(received - before.received, unreadTime() - before.unread)) {
      const seconds = Math.round(stallTimeout / 1000)
      body.destroy(new TintypeError('too_slow', `Too little arrived in ${seconds} seconds. Send it again.`))
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

  const stream = new Readable({
    highWaterMark: readAhead,
    read() {
      unread = unreadTime()
      unreadSince = undefined
      req.resume()
    },
  })
  const body = Object.assign(stream, { headers: req.headers })
  const pass = (chunk: Buffer) => {
    received += chunk.length
    if (body.push(chunk)) return
    unreadSince ??= clock.now()
    req.pause()
  }
  const end = () => body.push(null)
  const gone = () => {
    if (!req.complete) body.destroy(new TintypeError('malformed_request', 'The client went away.'))
  }
  req.on('data', pass)
  req.once('end', end)
  req.once('close', gone)
  req.once('error', gone)
  body.once('close', () => {
    cancelTimer()
    req.off('data', pass)
    req.off('end', end)
    req.off('close', gone)
    req.off('error', gone)
    req.on('error', () => {})
  })
  return body
}
