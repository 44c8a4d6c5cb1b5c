import type { Clock } from '../clock.ts'
import { apiSharing, shareWith } from '../http/cors.ts'
import { type Answer, type ApiRequest, emptyAnswer } from '../http/exchange.ts'
import { observeUpload } from '../http/observe.ts'
import { requestIdOf } from '../http/request-id.ts'
import { type AppLimits, readForm } from '../intake/form/form-shape.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { giveToApp } from './app-errors.ts'
import type { Middleware } from './express.ts'
import { sendAnswer, setHeaders } from './node-answer.ts'
import { NodeRequest } from './node-request.ts'
import { createUploadReceive, type UploadReceiveOptions } from './upload-receive.ts'

export interface UploadMiddlewareOptions extends UploadReceiveOptions {
  clock: Clock
  metrics: Metrics
  refuse(thrown: unknown, request: ApiRequest): Answer
  /** What may be sent where a route says nothing of it. */
  appLimits: AppLimits
}

/**
 * Middleware for an app's own route: takes the files of a form, and leaves the media in `req.media` and the text fields in
 * `req.body`, as Multer makes it: a list for a name that came twice or ends in `[]`, an object for `user[name]`. A text
 * field `caption` becomes the caption. A request that is repeated with its `Idempotency-Key` gets the media that it has
 * made before.
 *
 * Pages of `origins` may send files here and read the answer. Where they send headers of their own, or follow the
 * progress of an upload, browsers ask first, by OPTIONS: the same middleware answers that.
 *
 * @param form the name of the one file field, or the file fields by their names
 * @example app.post('/posts', tintype.upload('photo'), (req, res) => res.json(req.media))
 * @example app.options('/posts', tintype.upload('photo'))
 */
export function uploadMiddleware(
  { clock, metrics, refuse, appLimits, ...receiving }: UploadMiddlewareOptions,
  form: unknown,
  given: unknown = {},
): Middleware {
  const read = readForm(form, given, appLimits)
  const receive = createUploadReceive(receiving, read)
  const share = shareWith(receiving.origins, apiSharing)

  async function handle(...[req, res, next]: Parameters<Middleware>): Promise<void> {
    const request = new NodeRequest(req, res)
    // The app's own answer is read by these pages, too.
    const shared = share(request)
    setHeaders(res, { 'X-Request-Id': requestIdOf(req), ...shared.headers })
    if (shared.isPreflight) return sendAnswer(req, res, emptyAnswer(204), clock)
    if (req.method === 'OPTIONS') return next()
    const observed = observeUpload(metrics, request)
    try {
      observed.made = await receive(req, request)
    } catch (error) {
      const answer = refuse(error, request)
      observed.problem = answer.problem
      if (read.errors === 'next') return giveToApp(req, res, error, next, clock)
      return sendAnswer(req, res, answer, clock)
    }
    // What the app's own handlers throw is the app's.
    next()
  }

  // Returns nothing: Fastify takes the end of a promise for a call of next.
  return (req, res, next) => void handle(req, res, next)
}
