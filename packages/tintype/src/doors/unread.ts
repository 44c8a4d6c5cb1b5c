import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, systemClock } from '../clock.ts'
import { readAway } from './drain.ts'

/**
 * Answers a request whose body may not have been read. Closing at once would reset the connection, and the
 * client, still sending, would never see the answer: so it gets the whole answer first, what it still sends is read
 * away, and then the connection ends.
 */
export function finishUnread(
  req: IncomingMessage,
  res: ServerResponse,
  body: string,
  clock: Clock = systemClock,
): void {
  res.setHeader('Content-Length', Buffer.byteLength(body))
  if (req.complete || !hasBody(req)) {
    res.end(body)
    return
  }
  res.setHeader('Connection', 'close')
  res.write(body)
  readAway(req, clock, () => res.end())
}

export function hasBody(req: IncomingMessage): boolean {
  return req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0
}
