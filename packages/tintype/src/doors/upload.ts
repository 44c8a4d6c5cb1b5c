import type { ServerResponse } from 'node:http'
import type { Bucket } from '../bucket/bucket.ts'
import type { Clock } from '../clock.ts'
import type { Address, OwnAddress } from '../http/address.ts'
import { apiSharing, shareWith } from '../http/cors.ts'
import { type Answer, type ApiRequest, emptyAnswer } from '../http/exchange.ts'
import { keepBody, refuseCrossSite } from '../http/guard.ts'
import { observeUpload } from '../http/observe.ts'
import { refuseDoubled } from '../http/once.ts'
import { type ReceiveOptions, receiveMedia } from '../http/receive.ts'
import { requestIdOf } from '../http/request-id.ts'
import { type Lead, present } from '../media-api.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { ConfigError } from '../settings/error.ts'
import { readOptions } from '../settings/read.ts'
import { uploadOptions } from '../settings/upload.ts'
import type { Middleware } from './express.ts'
import { sendAnswer, setHeaders } from './node-answer.ts'
import { type AppRequest, NodeRequest } from './node-request.ts'

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
  /** Throws when nothing is taken any more. */
  demandOpen(): void
}

/** What an app's own route takes. */
export interface UploadOptions {
  /** Files in one request. @default `limits.files` */
  maxFiles?: number | undefined
  /** Whether a form without a file is refused; if not, `req.media` is empty. @default true */
  required?: boolean | undefined
}

/**
 * Middleware for an app's own route: takes the files of one form field, and leaves them in `req.media` and the
 * text fields in `req.body`, as Multer makes it: a list for a name that came twice or ends in `[]`, an object for
 * `user[name]`. A text field `caption` becomes the caption. A request that is repeated with its `Idempotency-Key`
 * gets the media that it has made before. Answers errors itself.
 *
 * Pages of `origins` may send files here and read the answer. Where they send headers of their own, or follow the
 * progress of an upload, browsers ask first, by OPTIONS: the same middleware answers that.
 *
 * @example app.post('/posts', tintype.upload('photo'), (req, res) => res.json(req.media))
 * @example app.options('/posts', tintype.upload('photo'))
 */
export function uploadMiddleware(
  {
    bucket,
    clock,
    metrics,
    ownerOf,
    own,
    leadTo,
    refuse,
    origins,
    demandOpen,
    ...receiving
  }: UploadMiddlewareOptions,
  field: string,
  options: UploadOptions = {},
): Middleware {
  const { maxFiles, required } = readOptions(uploadOptions, options)
  const limits = maxFiles === undefined ? { required } : { required, maxFiles }
  if (typeof field !== 'string' || field === '') {
    throw new ConfigError("upload() has to be given the name of the form's file field, such as 'photo'.")
  }
  const share = shareWith(origins, apiSharing)
  const demandSameSite = refuseCrossSite(own, origins)

  async function receive(req: AppRequest, request: ApiRequest): Promise<{ count: number; isNew: boolean }> {
    demandOpen()
    refuseDoubled(request)
    demandSameSite(request)
    keepBody(request)
    const owner = await ownerOf(request)
    const ownRoute = `${request.method} ${(req.originalUrl ?? req.url ?? '/').replace(/\?.*/s, '')}`
    const form = { ...limits, owner, field, ownRoute }
    const { made, isNew, fields } = await receiveMedia(request, receiving, form)
    const lead = leadTo(own.of(request))
    const media = await Promise.all(made.map((one) => present(one, bucket, lead)))
    Object.assign(req, { media, body: fields })
    return { count: made.length, isNew }
  }

  async function handle(req: AppRequest, res: ServerResponse, next: () => void): Promise<void> {
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
      return sendAnswer(req, res, answer, clock)
    }
    // What the app's own handlers throw is the app's.
    next()
  }

  // Returns nothing: Fastify takes the end of a promise for a call of next.
  return (req, res, next) => void handle(req, res, next)
}
