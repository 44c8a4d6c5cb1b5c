import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import { retell, TintypeError } from '../errors.ts'
import { asTintypeError } from '../http/problem.ts'
import { chunkMemory } from '../memory/chunk-memory.ts'
import { drainLimits, limitBody } from './drain.ts'
import { hasBody } from './unread.ts'

/**
 * Gives an error to the app's own handler. What the client is still sending is read away beside it, within limits, so that
 * the app's answer arrives: where a connection is closed while bytes come, the client may never see what was said.
 */
export function giveToApp(
  req: IncomingMessage,
  res: ServerResponse,
  thrown: unknown,
  next: (error: Error) => void,
  clock: Clock,
): void {
  const ours = asTintypeError(thrown)
  const error = withoutStack(ours)
  // Of what came too slowly, no more will come.
  const isStalled = ours.code === 'too_slow'
  if (isStalled && !res.headersSent) res.setHeader('Connection', 'close')
  if (isStalled || req.complete || req.destroyed || !hasBody(req)) {
    next(error)
    return
  }
  // Node closes this connection with the answer: so everything is read before it.
  const isLast = !res.shouldKeepAlive
  const chunks = chunkMemory(req)
  chunks.listen(chunks.free)
  limitBody(req, clock, drainLimits, () => {
    req.off('data', chunks.free)
    if (isLast) next(error)
    else if (!req.complete) closeWithAnswer(req, res)
  })
  req.resume()
  if (!isLast) next(error)
}

function closeWithAnswer(req: IncomingMessage, res: ServerResponse): void {
  if (res.writableFinished) req.socket.destroy()
  else if (res.headersSent) res.once('finish', () => req.socket.destroy())
  else res.setHeader('Connection', 'close')
}

/**
 * Express shows stacks to the client, unless NODE_ENV says production; the cause has it. What isn't ours is the app's to
 * show or not.
 */
export function withoutStack(error: unknown): Error {
  if (!(error instanceof TintypeError)) return error as Error
  const shown = retell(error, { cause: error })
  shown.stack = `${shown.name}: ${shown.message}`
  return shown
}
