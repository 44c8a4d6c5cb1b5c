import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { TintypeError } from 'tintype/internal/errors'
import type { Log } from 'tintype/internal/log'

/** Requests that may wait on one connection for the answers before theirs. Browsers and proxies send none so early. */
const mostQueued = 100

/**
 * Cuts connections on which requests are sent by the hundred before the first is answered (RFC 9112 section 9.3.2). Node begins
 * all that stand in a chunk of 64 KB in one turn of its event loop: a thousand lists of photos, for seconds.
 *
 * @returns whether a request is to be left alone, because its connection has been cut
 */
export function createPipelineLimit(log: Log): (req: IncomingMessage, res: ServerResponse) => boolean {
  const queued = new WeakMap<Socket, number>()

  return (req, res) => {
    const { socket } = req
    // Its answer may go out at once.
    if (res.socket) return false
    if (socket.destroyed) return true
    const count = (queued.get(socket) ?? 0) + 1
    if (count > mostQueued) {
      const detail = `More than ${mostQueued} requests were sent on one connection before the first was answered.`
      const error = new TintypeError('too_many_requests', detail, { limit: mostQueued })
      log.info('request.refused', { code: error.code, error })
      socket.destroy()
      return true
    }
    queued.set(socket, count)
    res.once('close', () => queued.set(socket, (queued.get(socket) ?? 1) - 1))
    return false
  }
}
