import { type Request, Router } from 'express'
import { TintypeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { apiHeaders, refuseCrossSite, requestId } from './guard.ts'
import { type MediaRoutesOptions, mediaRoutes } from './media.ts'
import { observeRequests } from './metrics.ts'
import { refuseDoubled } from './once.ts'
import { problemHandler } from './problem.ts'
import { type UploadRoutesOptions, uploadRoutes } from './uploads.ts'

export interface RouterOptions extends MediaRoutesOptions, UploadRoutesOptions {
  log: Log
  metrics: Metrics
  origins: readonly string[]
}

/** The HTTP API, to be mounted by the app. Errors of its own routes end here, as problem details. */
export function createRouter(options: RouterOptions): Router {
  const router = Router()
  router.use(observeRequests(options.metrics), requestId, apiHeaders)
  router.use(refuseDoubled, refuseCrossSite(options.origins))
  router.use(mediaRoutes(options))
  router.use(uploadRoutes(options))
  router.use((_req: Request) => {
    throw new TintypeError('not_found', 'There is nothing at this address.')
  })
  router.use(problemHandler(options.log))
  return router
}
