import type { Bucket } from '../bucket/bucket.ts'
import type { Clock } from '../clock.ts'
import type { Address, OwnAddress } from '../http/address.ts'
import type { Answer, ApiRequest } from '../http/exchange.ts'
import { keepBody } from '../http/guard.ts'
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
import { sendAnswer } from './node-answer.ts'
import { type AppRequest, NodeRequest } from './node-request.ts'

export interface UploadMiddlewareOptions extends ReceiveOptions {
  bucket: Bucket
  clock: Clock
  metrics: Metrics
  ownerOf(request: ApiRequest): Promise<string>
  own: OwnAddress
  leadTo(address: Address): Lead
  refuse(thrown: unknown, request: ApiRequest): Answer
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
 * @example app.post('/posts', tintype.upload('photo'), (req, res) => res.json(req.media))
 */
export function uploadMiddleware(
  { bucket, clock, metrics, ownerOf, own, leadTo, refuse, demandOpen, ...receiving }: UploadMiddlewareOptions,
  field: string,
  options: UploadOptions = {},
): Middleware {
  const { maxFiles, required } = readOptions(uploadOptions, options)
  const limits = maxFiles === undefined ? { required } : { required, maxFiles }
  if (typeof field !== 'string' || field === '') {
    throw new ConfigError("upload() has to be given the name of the form's file field, such as 'photo'.")
  }

  async function receive(req: AppRequest, request: ApiRequest): Promise<{ count: number; isNew: boolean }> {
    demandOpen()
    refuseDoubled(request)
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

  return async (req, res, next) => {
    const request = new NodeRequest(req, res)
    res.setHeader('X-Request-Id', requestIdOf(req))
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
}
