import { TintypeError } from '../errors.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Lead } from '../present.ts'
import type { Address, OwnAddress } from './address.ts'
import { apiSharing, shareWith } from './cors.ts'
import { type EventRoutesOptions, eventRoutes } from './event-routes.ts'
import { type Answer, type ApiRequest, emptyAnswer, type Headers, withHeaders } from './exchange.ts'
import { filePondRoutes } from './filepond.ts'
import { apiHeaders, refuseCrossSite } from './guard.ts'
import { type ImageRoutesOptions, imageRoutes } from './image-routes.ts'
import { type MediaRoutesOptions, mediaRoutes } from './media-routes.ts'
import { type Observed, observeRequest } from './observe.ts'
import { refuseDoubled } from './once.ts'
import { openApiRoute } from './openapi-route.ts'
import { requestIdOf } from './request-id.ts'
import type { ResumableRoutesOptions } from './resumable/options.ts'
import { resumableRoutes } from './resumable/routes.ts'
import { callRoute, createRouter } from './routes.ts'
import { shownAs } from './shown-as.ts'
import { createStorageRoute } from './storage.ts'
import { type TimelineRoutesOptions, timelineRoutes } from './timeline-routes.ts'
import { type UndoRoutesOptions, undoRoutes } from './undo-routes.ts'
import { type UploadRoutesOptions, uploadRoutes } from './upload-routes.ts'
import { type UsageRoutesOptions, usageRoutes } from './usage-routes.ts'

export interface ApiOptions
  extends MediaRoutesOptions,
    ImageRoutesOptions,
    UndoRoutesOptions,
    UploadRoutesOptions,
    EventRoutesOptions,
    TimelineRoutesOptions,
    ResumableRoutesOptions,
    UsageRoutesOptions {
  own: OwnAddress
  /** What makes signed URLs lead to this address. */
  leadTo(address: Address): Lead
  metrics: Metrics
  /** Makes an answer of an error. */
  refuse(thrown: unknown, request: ApiRequest): Answer
  /** Other origins whose pages may write, and read the answers. */
  origins: readonly string[]
  /** Whether the embedded S3 is there. */
  hasStorage: boolean
  /** Throws when nothing is answered any more. */
  demandOpen(): void
}

/** The HTTP API. Never rejects: errors are answers, too. */
export type Api = (request: ApiRequest) => Promise<Answer>

export function createApi(options: ApiOptions): Api {
  const { own, leadTo, metrics, refuse, origins, demandOpen } = options
  const routes = [
    ...imageRoutes(options),
    ...undoRoutes(options),
    ...mediaRoutes(options),
    ...uploadRoutes(options),
    ...timelineRoutes(options),
    ...resumableRoutes(options),
    ...filePondRoutes(options),
    ...usageRoutes(options),
    ...eventRoutes(options),
  ]
  const find = createRouter([...routes, openApiRoute(routes)])
  const share = shareWith(origins, apiSharing)
  const demandSameSite = refuseCrossSite(own, origins)
  const toStorage = options.hasStorage ? createStorageRoute(options) : () => undefined

  async function answer(request: ApiRequest, address: Address, observed: Observed): Promise<Answer> {
    const shared = share(request)
    const headers: Headers = {
      'X-Request-Id': requestIdOf(request.original),
      ...apiHeaders,
      ...shared.headers,
    }
    if (shared.isPreflight) return emptyAnswer(204, headers)
    try {
      demandOpen()
      refuseDoubled(request)
      demandSameSite(request)
      const found = find(request.path)
      if (!found) throw new TintypeError('not_found', 'There is nothing at this address.')
      const { route, ...params } = found
      observed.route = route.path
      const call = { ...params, address, lead: leadTo(address), headers }
      const answered = await callRoute(route, request, call)
      return withHeaders(await shownAs(answered, request.original), headers)
    } catch (error) {
      return withHeaders(refuse(error, request), headers)
    }
  }

  return async (request) => {
    const address = own.atMount(request, request.mount)
    const forStorage = toStorage(request)
    if (forStorage) return forStorage
    const observed = observeRequest(metrics, request)
    observed.answer = await answer(request, address, observed)
    const isUsual = request.isUsualMount && request.method !== 'OPTIONS'
    if (observed.answer.status < 400 && isUsual) own.learnMount(request.mount)
    return observed.answer
  }
}
