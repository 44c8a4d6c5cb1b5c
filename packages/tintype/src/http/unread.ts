import type { IncomingMessage, ServerResponse } from 'node:http'
import { freeChunk } from '../intake/slabs.ts'

/** A refused body is read away until nothing has come for so long, or so much has come. Milliseconds, bytes. */
const lingerMs = 5_000
const lingerBytes = 64 * 1024 * 1024

/**
 * Answers a request whose body may not have been read. Closing at once would reset the connection, and the
 * client, still sending, would never see the answer: so it gets the whole answer first, what it still sends is read
 * away, and then the connection ends.
 */
export function finishUnread(req: IncomingMessage, res: ServerResponse, body: string): void {
  res.setHeader('Content-Length', Buffer.byteLength(body))
  if (req.complete || !hasBody(req)) {
    res.end(body)
    return
  }
  res.setHeader('Connection', 'close')
  res.write(body)
  let read = 0
  const finish = () => {
    clearTimeout(timer)
    req.off('data', drain)
    res.end()
  }
  const drain = (chunk: Buffer) => {
    read += chunk.length
    // A crowd that is refused would leave its bodies as garbage. What others listen to is theirs.
    if (req.listenerCount('data') === 1) freeChunk(chunk)
    if (read > lingerBytes) finish()
    else timer.refresh()
  }
  const timer = setTimeout(finish, lingerMs)
  timer.unref()
  req.on('data', drain)
  req.once('end', finish)
  req.once('close', finish)
  req.resume()
}

function hasBody(req: IncomingMessage): boolean {
  return req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0
}
