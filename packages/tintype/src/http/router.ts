import { type Request, type RequestHandler, type Response, Router } from 'express'
import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { answering } from './address.ts'
import { apiSharing, shareWith, storageSharing } from './cors.ts'
import { apiHeaders, refuseCrossSite, requestId, setHeaders, whileOpen } from './guard.ts'
import { methodNotAllowed } from './json.ts'
import { type MediaRoutesOptions, mediaRoutes } from './media-routes.ts'
import { observeRequests } from './observe.ts'
import { refuseDoubled } from './once.ts'
import { problemHandler } from './problem.ts'
import { type UploadRoutesOptions, uploadRoutes } from './upload-routes.ts'

export interface RouterOptions extends MediaRoutesOptions, UploadRoutesOptions {
  log: Log
  clock: Clock
  metrics: Metrics
  /** Other origins whose pages may write, and read the answers. */
  origins: readonly string[]
  /** The embedded S3, where there is one, given path and query below the mount. */
  storage: ((req: Request, res: Response, target: string) => void) | undefined
  /** Throws when nothing is answered any more. */
  demandOpen(): void
}

/** Below the router: where browsers find the embedded S3. Its requests are signed, so the API's rules are not for them. */
export const storagePath = '/s3'

/** The HTTP API, to be mounted by the app. Errors of its own routes end here, as problem details. */
export function createRouter(options: RouterOptions): Router {
  const { own, origins, storage, demandOpen } = options
  const router = Router()
  router.use((req, _res, next) => answering(own.atRouter(req), next))
  if (storage) {
    router.use(storagePath, storageHeaders, whileOpen(demandOpen), shareWith(origins, storageSharing))
    router.use(storagePath, onlyObjects, mounted(storage))
  }
  router.use(observeRequests(options.metrics), requestId, apiHeaders, shareWith(origins, apiSharing))
  router.use(whileOpen(demandOpen), refuseDoubled, refuseCrossSite(own, origins))
  router.use(mediaRoutes(options))
  router.use(uploadRoutes(options))
  router.use((_req: Request) => {
    throw new TintypeError('not_found', 'There is nothing at this address.')
  })
  router.use(problemHandler(options.log, own, options.clock))
  return router
}

/** Same origin as the app: whatever an object holds, it must not run here. */
const storageHeaders = setHeaders({
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "sandbox; default-src 'none'",
})

/** What signed URLs are for. S3's forms say who sends them in their body, so that strangers would be read. */
const onlyObjects: RequestHandler = (req, res, next) => {
  if (['GET', 'HEAD', 'PUT', 'OPTIONS'].includes(req.method)) next()
  else methodNotAllowed('GET, PUT')(req, res, next)
}

function mounted(storage: NonNullable<RouterOptions['storage']>): RequestHandler {
  // The whole URL may stand in the request line (RFC 9112 section 3.2.2).
  return (req, res) => storage(req, res, req.url.replace(/^https?:\/\/[^/?#]*/i, ''))
}
