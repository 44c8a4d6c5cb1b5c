import type { Metrics } from '../metrics/metrics.ts'
import type { Answer, ApiRequest } from './exchange.ts'

/** Requests that end an upload, one way or another. */
const uploadRoutes: Record<string, string> = {
  'POST /media': 'created',
  'PUT /media/:id': 'replaced',
  'POST /uploads/:id/complete': 'created',
}

/** What is known at the end of a request; its handler fills it in. */
export interface Observed {
  /** The pattern, not the path: ids would make a series each. */
  route: string
  answer: Answer | undefined
}

/** Counts and times one request to the API. */
export function observeRequest(metrics: Metrics, request: ApiRequest): Observed {
  const observed: Observed = { route: 'none', answer: undefined }
  const begun = performance.now()
  const { method } = request
  request.whenOver((isWhole) => {
    const { route, answer } = observed
    const status = isWhole && answer ? String(answer.status) : 'cut'
    metrics.request({ method, route, status, seconds: (performance.now() - begun) / 1000 })
    const outcome = uploadRoutes[`${method} ${route}`]
    if (outcome === undefined) return
    const repeated = method === 'POST' && answer?.status === 200
    const scanning = answer?.status === 202
    metrics.upload(
      answer?.problem ?? (status === 'cut' ? 'cut' : scanning ? 'scanning' : repeated ? 'repeated' : outcome),
    )
  })
  return observed
}

/** What is known by the end of an upload to an app's own route. */
export interface ObservedUpload {
  problem?: string | undefined
  made?: { count: number; isNew: boolean }
}

/** Counts one upload to an app's own route. A form without a file, where none is required, is none. */
export function observeUpload(metrics: Metrics, request: ApiRequest): ObservedUpload {
  const observed: ObservedUpload = {}
  request.whenOver(() => {
    const { problem, made } = observed
    if (problem !== undefined) metrics.upload(problem)
    else if (!made) metrics.upload('cut')
    else if (made.count > 0) metrics.upload(made.isNew ? 'created' : 'repeated')
  })
  return observed
}
