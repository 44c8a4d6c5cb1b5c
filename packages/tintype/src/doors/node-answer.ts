import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Clock } from '../clock.ts'
import type { Answer, Headers } from '../http/exchange.ts'
import { finishUnread } from './unread.ts'

/** Sends an answer by `node:http`, its headers beside those that the app has set. */
export function sendAnswer(req: IncomingMessage, res: ServerResponse, answer: Answer, clock: Clock): void {
  // Something of the app was faster.
  if (res.headersSent) {
    res.destroy()
    return
  }
  const { status, body, problem } = answer
  res.statusCode = status
  setHeaders(res, answer.headers)
  if (body === undefined) res.end()
  else if (problem !== undefined) finishUnread(req, res, String(body), clock)
  else if (typeof body === 'string' || body instanceof Uint8Array) {
    res.setHeader('Content-Length', Buffer.byteLength(body))
    res.end(body)
  } else {
    // That it broke off is seen by its end, which is missing.
    pipeline(Readable.from(body, { objectMode: false }), res).catch(() => res.destroy())
  }
}

/** A Vary of the app's is kept. */
export function setHeaders(res: ServerResponse, headers: Headers): void {
  for (const name in headers) {
    const value = headers[name] as string
    if (name === 'Vary' && res.hasHeader('Vary')) res.appendHeader(name, value)
    else res.setHeader(name, value)
  }
}
