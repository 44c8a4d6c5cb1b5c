import type { IncomingMessage, ServerResponse } from 'node:http'
import compression from 'compression'

/** As of Express; the library below asks for no more of requests and responses than what Node's have. */
const compress = compression({
  filter(req, res) {
    const type = String(res.getHeader('Content-Type') ?? '')
    return res.statusCode !== 206 && !type.startsWith('text/event-stream') && compression.filter(req, res)
  },
}) as unknown as (req: IncomingMessage, res: ServerResponse, next: () => void) => void

/**
 * Compresses what the ready server answers: its page, scripts, styles, lists. Only reads: an answer to an upload may have
 * to leave while the body is still coming, and a compressor would keep it back; so would it a stream of events. A part
 * of something (206) is counted in its own bytes. Photos and videos are compressed already.
 *
 * BREACH guesses a secret from the size of answers in which it stands beside text of the attacker's choice. None does
 * here: what a request says is in no answer with signed URLs, and those live for an hour. See decisions/0128.
 */
export function compressRead(req: IncomingMessage, res: ServerResponse): void {
  if (req.method === 'GET' || req.method === 'HEAD') compress(req, res, () => {})
}
