import { type Request, type RequestHandler, Router } from 'express'
import type { Bucket } from '../bucket/bucket.ts'
import { clientSignal } from '../intake/client-signal.ts'
import type { Intake } from '../intake/intake.ts'
import type { Log } from '../log.ts'
import { checkCaption, present } from '../media.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { requestId } from './guard.ts'
import { observeUploads } from './metrics.ts'
import { problemHandler } from './problem.ts'

export interface UploadMiddlewareOptions {
  intake: Intake
  bucket: Bucket
  log: Log
  metrics: Metrics
  ownerOf(req: Request): Promise<string>
}

/**
 * Middleware for an app's own route: takes the files of one form field, and leaves them in `req.media` and the
 * text fields in `req.body`. A text field `caption` becomes the caption. Answers errors itself.
 *
 * @example app.post('/posts', tintype.upload('photo'), (req, res) => res.json(req.media))
 */
export function uploadMiddleware(
  { intake, bucket, log, metrics, ownerOf }: UploadMiddlewareOptions,
  field: string,
  { maxFiles }: { maxFiles?: number } = {},
): RequestHandler {
  const router = Router()
  router.use(requestId, observeUploads(metrics), async (req, res, next) => {
    const owner = await ownerOf(req)
    const files = { owner, field, ...(maxFiles === undefined ? {} : { maxFiles }) }
    await intake.receive(req, res, files, async (form) => {
      const caption = checkCaption(form.fields.caption)
      const made = await intake.create(form.files, { owner, signal: clientSignal(req), caption })
      req.media = await Promise.all(made.map((one) => present(one, bucket)))
      req.body = form.fields
    })
    // Out of this router: its error handler is for the upload alone, not for the app's own handlers.
    next('router')
  })
  router.use(problemHandler(log))
  return router
}
