import type { RequestHandler } from 'express'
import type { Metrics } from '../metrics/metrics.ts'

/** Requests that end an upload, one way or another. */
const uploadRoutes: Record<string, string> = {
  'POST /media': 'created',
  'PUT /media/:id': 'replaced',
  'POST /uploads/:id/complete': 'created',
}

/** Counts and times what passes through this router. */
export function observeRequests(metrics: Metrics): RequestHandler {
  return (req, res, next) => {
    const begun = performance.now()
    res.once('close', () => {
      const { method } = req
      // The pattern, not the path: ids would make a series each.
      const route = typeof req.route?.path === 'string' ? req.route.path : 'none'
      const status = res.writableFinished ? String(res.statusCode) : 'cut'
      metrics.request({ method, route, status, seconds: (performance.now() - begun) / 1000 })
      const outcome = uploadRoutes[`${method} ${route}`]
      if (outcome === undefined) return
      const repeated = method === 'POST' && res.statusCode === 200
      metrics.upload(problemOf(res.locals) ?? (status === 'cut' ? 'cut' : repeated ? 'repeated' : outcome))
    })
    next()
  }
}

/** Counts the uploads of an app's own route. A form without a file, where none is required, is none. */
export function observeUploads(metrics: Metrics): RequestHandler {
  return (req, res, next) => {
    res.once('close', () => {
      const problem = problemOf(res.locals)
      const made = res.locals.isRepeated ? 'repeated' : 'created'
      if (problem || req.media?.length !== 0) metrics.upload(problem ?? (req.media ? made : 'cut'))
    })
    next()
  }
}

function problemOf(locals: Record<string, unknown>): string | undefined {
  return typeof locals.problem === 'string' ? locals.problem : undefined
}
