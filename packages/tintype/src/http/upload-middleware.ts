import { type Request, type RequestHandler, Router } from 'express'
import type { Bucket } from '../bucket/bucket.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { present } from '../media-api.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { ConfigError } from '../settings/error.ts'
import { readOptions } from '../settings/read.ts'
import { uploadOptions } from '../settings/upload.ts'
import { answering, type OwnAddress } from './address.ts'
import { keepBody, requestId, whileOpen } from './guard.ts'
import { observeUploads } from './observe.ts'
import { refuseDoubled } from './once.ts'
import { problemHandler } from './problem.ts'
import { type ReceiveOptions, receiveMedia } from './receive.ts'

export interface UploadMiddlewareOptions extends ReceiveOptions {
  bucket: Bucket
  log: Log
  clock: Clock
  metrics: Metrics
  ownerOf(req: Request): Promise<string>
  own: OwnAddress
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
  { bucket, log, clock, metrics, ownerOf, own, demandOpen, ...receiving }: UploadMiddlewareOptions,
  field: string,
  options: UploadOptions = {},
): RequestHandler {
  const { maxFiles, required } = readOptions(uploadOptions, options)
  const limits = maxFiles === undefined ? { required } : { required, maxFiles }
  if (typeof field !== 'string' || field === '') {
    throw new ConfigError("upload() has to be given the name of the form's file field, such as 'photo'.")
  }
  const router = Router()
  router.use((req, _res, next) => answering(own.of(req), next))
  router.use(requestId, observeUploads(metrics), whileOpen(demandOpen), refuseDoubled)
  router.use(async (req, res, next) => {
    keepBody(req)
    const owner = await ownerOf(req)
    const form = { ...limits, owner, field, ownRoute: true }
    const { made, isNew, fields } = await receiveMedia(req, res, receiving, form)
    // For whoever counts.
    res.locals.isRepeated = !isNew
    req.media = await Promise.all(made.map((one) => present(one, bucket)))
    req.body = fields
    // Out of this router: its error handler is for the upload alone, not for the app's own handlers.
    next('router')
  })
  router.use(problemHandler(log, own, clock))
  return router
}
