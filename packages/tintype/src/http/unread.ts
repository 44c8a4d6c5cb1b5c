import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, systemClock } from '../clock.ts'
import { chunkMemory } from '../intake/chunk-memory.ts'

/**
 * A refused body is read away until it ends, nothing of it has come for so long, or it has been for so long or so much
 * in all: one that drips is given up as well. Milliseconds, bytes.
 */
const longestSilence = 5_000
const longestDrain = 30_000
const mostDrained = 64 * 1024 * 1024

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
  const chunks = chunkMemory(req)
  const begun = clock.now()
  let lastAt = begun
  let drained = 0
  let cancelTimer = clock.after(longestSilence, look)

  function look(): void {
    const left = Math.min(lastAt + longestSilence, begun + longestDrain) - clock.now()
    if (left <= 0) finish()
    else cancelTimer = clock.after(left, look)
  }

  function drain(chunk: Buffer): void {
    drained += chunk.length
    lastAt = clock.now()
    // A crowd that is refused would leave its bodies as garbage.
    chunks.free(chunk)
    if (drained > mostDrained) finish()
  }

  function finish(): void {
    cancelTimer()
    req.off('data', drain)
    res.end()
  }

  chunks.listen(drain)
  req.once('end', finish)
  req.once('close', finish)
  req.resume()
}

function hasBody(req: IncomingMessage): boolean {
  return req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0
}
