import type { IncomingMessage, ServerResponse } from 'node:http'
import { createAttached } from '../attached.ts'

type Queued = Set<ServerResponse>

const queues = createAttached<Queued>('tintype queued')

/**
 * An answer waits for those before it where requests are sent before they are answered (RFC 9112 section 9.3.2). When the connection
 * closes, Node 22 tells the first of them alone: whatever waits for the end of the others would wait for ever. So they are told here, as
 * later versions of Node do.
 */
export function closeWithConnection({ socket }: IncomingMessage, res: ServerResponse): void {
  const queue = queues.of(socket, () => {
    const made: Queued = new Set()
    socket.once('close', () => {
      for (const one of made) {
        // The one that was being sent, Node tells.
        if (one.socket || one.destroyed) continue
        one.destroyed = true
        one.emit('close')
      }
    })
    return made
  })
  if (queue.has(res)) return
  queue.add(res)
  res.once('close', () => queue.delete(res))
}
