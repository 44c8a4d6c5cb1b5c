import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'

/** A sender that brings less than this per second, over a whole stall time-out, holds memory for nothing. */
const slowestRate = 1024

/**
 * A request's body as a stream of its own, for Multer to read. Multer waits for the end of what it reads before
 * it reports an error; destroying this stream lets it report at once, while the socket stays open for the answer.
 *
 * It fails with `too_slow` when the client stalls, and when the client has gone.
 */
export function createBody(
  req: IncomingMessage,
  { clock, stallTimeout }: { clock: Clock; stallTimeout: number },
): PassThrough & { headers: IncomingMessage['headers'] } {
  const body = Object.assign(new PassThrough({ highWaterMark: 256 * 1024 }), { headers: req.headers })
  let received = 0
  let cancelTimer = watch()

  function watch(): () => void {
    const before = received
    return clock.after(stallTimeout, () => {
      if (received - before >= (slowestRate * stallTimeout) / 1000) {
        cancelTimer = watch()
        return
      }
      const seconds = Math.round(stallTimeout / 1000)
      body.destroy(
        new TintypeError('too_slow', `Hardly anything arrived in ${seconds} seconds. Send it again.`),
      )
    })
  }

  const count = (chunk: Buffer) => {
    received += chunk.length
  }
  const gone = () => {
    if (!req.complete) body.destroy(new TintypeError('malformed_request', 'The client went away.'))
  }
  req.on('data', count)
  req.once('close', gone)
  req.once('error', gone)
  body.once('close', () => {
    cancelTimer()
    req.unpipe(body)
    req.off('data', count)
    req.off('close', gone)
    req.off('error', gone)
    req.on('error', () => {})
  })
  req.pipe(body)
  return body
}
