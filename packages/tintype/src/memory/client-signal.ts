import type { IncomingMessage, ServerResponse } from 'node:http'
import { createAttached } from '../attached.ts'
import { TintypeError } from '../errors.ts'

const signals = createAttached<AbortSignal>('tintype signal')

/**
 * Aborts when the client has gone away before it had its whole answer; the same signal for all who ask about one
 * request. `close` is told once, and it may have been told while `authenticate` was awaited: so what the request says
 * of itself is looked at first.
 *
 * @param res where it is not known, the end of the body is all that tells of the client
 * @example await budget.within(bytes, clientSignal(req, res), work)
 */
export function clientSignal(req: IncomingMessage, res: ServerResponse | undefined): AbortSignal {
  return signals.of(req, () => watch(req, res))
}

function watch(req: IncomingMessage, res: ServerResponse | undefined): AbortSignal {
  const gone = new AbortController()
  const look = () => {
    const isCut = req.destroyed && !req.readableEnded
    if ((isCut || res?.destroyed) && !res?.writableFinished) gone.abort(clientGone())
  }
  look()
  if (!gone.signal.aborted) {
    req.once('close', look)
    res?.once('close', look)
  }
  return gone.signal
}

export function clientGone(): TintypeError {
  return new TintypeError('malformed_request', 'The client went away.')
}
