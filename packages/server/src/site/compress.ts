import compression from 'compression'
import type { Request, RequestHandler, Response } from 'express'

/**
 * Compresses what the ready server answers: its page, scripts, styles, lists. Only reads: an answer to an upload may have
 * to leave while the body is still coming, and a compressor would keep it back; so would it a stream of events. A part
 * of something (206) is counted in its own bytes. Photos and videos are compressed already.
 *
 * BREACH guesses a secret from the size of answers in which it stands beside text of the attacker's choice. None does
 * here: what a request says is in no answer with signed URLs, and those live for an hour. See decisions/0128.
 *
 * @param except tells requests that are not to be touched
 */
export function compressReads(except: (req: Request) => boolean): RequestHandler {
  return compression({
    filter(req: Request, res: Response) {
      if (!['GET', 'HEAD'].includes(req.method) || res.statusCode === 206 || except(req)) return false
      const type = String(res.getHeader('Content-Type') ?? '')
      return !type.startsWith('text/event-stream') && compression.filter(req, res)
    },
  })
}
