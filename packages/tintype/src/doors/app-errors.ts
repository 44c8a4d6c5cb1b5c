import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../clock.ts'
import { retell, TintypeError } from '../errors.ts'
import { asTintypeError } from '../http/problem.ts'
import { readAway } from './drain.ts'
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
  // In HTTP/2 a request ends by itself, and the connection stays.
  const hasEnded = req.complete || req.destroyed || !hasBody(req) || req.httpVersionMajor > 1
  if (isStalled || hasEnded) {
    next(error)
    return
  }
  const letClose = res.shouldKeepAlive ? undefined : keepOpen(req.socket)
  readAway(req, clock, () => {
    if (letClose) letClose()
    else if (!req.complete) closeWithAnswer(req, res)
  })
  next(error)
}

/**
 * Node closes a connection that is not kept as soon as the answer is written: the client, still sending, would be reset, and may
 * never see it.
 * @returns lets it close, at once where the answer is written by now
 */
function keepOpen(socket: Socket): () => void {
  let isAnswered = false
  socket.destroySoon = () => {
    isAnswered = true
  }
  return () => {
    // That of its class, again.
    Reflect.deleteProperty(socket, 'destroySoon')
    if (isAnswered) socket.destroySoon()
  }
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
