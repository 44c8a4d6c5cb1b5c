import type { Bucket } from '../bucket/bucket.ts'
import type { Clock } from '../clock.ts'
import type { UploadHooks } from '../hooks/hooks.ts'
import type { RouteHooks } from '../hooks/types.ts'
import type { Address, OwnAddress } from '../http/address.ts'
import { apiSharing, shareWith } from '../http/cors.ts'
import { type Answer, type ApiRequest, emptyAnswer } from '../http/exchange.ts'
import { keepBody, refuseCrossSite } from '../http/guard.ts'
import { observeUpload } from '../http/observe.ts'
import { refuseDoubled } from '../http/once.ts'
import { type ReceiveOptions, receiveMedia } from '../http/receive.ts'
import { requestIdOf } from '../http/request-id.ts'
import { type AppLimits, readForm } from '../intake/form/form-shape.ts'
import { type Lead, present } from '../media-api.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { giveToApp } from './app-errors.ts'
import type { Middleware } from './express.ts'
import { sendAnswer, setHeaders } from './node-answer.ts'
import { type AppRequest, NodeRequest } from './node-request.ts'
import { byField, toRequest } from './upload-media.ts'

export interface UploadMiddlewareOptions extends ReceiveOptions {
  bucket: Bucket
  clock: Clock
  metrics: Metrics
  ownerOf(request: ApiRequest): Promise<string>
  own: OwnAddress
  leadTo(address: Address): Lead
  refuse(thrown: unknown, request: ApiRequest): Answer
  /** Other origins whose pages may send files, and read the answers. */
  origins: readonly string[]
  /** What may be sent where a route says nothing of it. */
  appLimits: AppLimits
  /** Throws when nothing is taken any more. */
  demandOpen(): void
  /** Those of the app, with these of a route. */
  hooksWith(ofRoute: RouteHooks): UploadHooks
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
  { bucket, clock, metrics, own, leadTo, refuse, origins, appLimits, ...door }: UploadMiddlewareOptions,
  form: unknown,
  given: unknown = {},
): Middleware {
  const read = readForm(form, given, appLimits)
  const hooks = read.hooks && door.hooksWith(read.hooks)
  const share = shareWith(origins, apiSharing)
  const demandSameSite = refuseCrossSite(own, origins)
  const isRequired = [...read.shape.files.values()].some(({ required }) => required)

  async function receive(req: AppRequest, request: ApiRequest): Promise<{ count: number; isNew: boolean }> {
    door.demandOpen()
    refuseDoubled(request)
    demandSameSite(request)
    keepBody(request)
    const owner = await door.ownerOf(request)
    // As by Multer, what is no form is left to the next handler, body and all.
    if (!isRequired && !isMultipart(request)) {
      req.media = toRequest([], read)
      return { count: 0, isNew: true }
    }
    const ownRoute = `${request.method} ${(req.originalUrl ?? req.url ?? '/').replace(/\?.*/s, '')}`
    const { original } = request
    const asked = { owner, request: original, hooks, form: read.shape, ownRoute }
    const received = await receiveMedia(request, door, asked)
    const lead = leadTo(own.of(request))
    const media = await Promise.all(received.made.map((one) => present(one, bucket, lead)))
    req.media = toRequest(byField(media, received), read)
    req.body = received.fields
    return { count: media.length, isNew: received.isNew }
  }

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

function isMultipart({ headers }: ApiRequest): boolean {
  return /^\s*multipart\//i.test(headers['content-type'] ?? '')
}
