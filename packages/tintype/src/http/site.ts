import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import express, { type Express, type RequestHandler } from 'express'
import { TintypeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Tintype } from '../tintype.ts'
import { refuseCrossSite, requestId, setHeaders } from './guard.ts'
import { healthRoutes } from './health.ts'
import { metricsRoute } from './metrics.ts'
import { refuseDoubled } from './once.ts'
import { plainRoutes } from './plain.ts'
import { problemHandler } from './problem.ts'
import type { Sessions } from './session.ts'

export interface SiteOptions {
  tintype: Tintype
  sessions: Sessions
  log: Log
  /** Hosts that are served, e.g. `localhost:3000`; undefined: any, since a token protects the server. */
  hosts: ReadonlySet<string> | undefined
  isStopping(): boolean
}

/** The ready server: the API under `/api`, the gallery at `/`, the same without JavaScript at `/plain`. */
export function createSite({ tintype, sessions, log, hosts, isStopping }: SiteOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(requestId, siteHeaders(tintype.viewOrigin))
  app.use(healthRoutes({ check: () => tintype.check(), isStopping }))
  app.use(requestLog(log))
  app.use(refuseDoubled)
  if (hosts) app.use(onlyHosts(hosts))
  app.use(metricsRoute({ text: () => tintype.metrics(), authenticate: sessions.authenticate }))
  app.use('/api', tintype.router)
  app.use(refuseCrossSite([]), sessions.router)
  app.use(plainRoutes(tintype, sessions.authenticate))
  app.use(gallery())
  app.use(() => {
    throw new TintypeError('not_found', 'There is nothing at this address.')
  })
  app.use(problemHandler(log))
  return app
}

/** Scripts and styles from here alone; pictures also from where the view URLs lead. */
function siteHeaders(viewOrigin: string): RequestHandler {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' data: blob: ${viewOrigin}`,
    `media-src 'self' blob: ${viewOrigin}`,
    `connect-src 'self' ${viewOrigin}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return setHeaders({
    // Who asks decides what is shown: no cache may keep it for others.
    'Cache-Control': 'private, no-cache',
    'Content-Security-Policy': policy,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
  })
}

/**
 * Without a token, being on this machine is what lets one in. A page of another site could point a host name of
 * its own at 127.0.0.1 and read along (DNS rebinding): so only the names that this server goes by are served.
 */
function onlyHosts(hosts: ReadonlySet<string>): RequestHandler {
  return (req, _res, next) => {
    if (!hosts.has(req.headers.host ?? '')) {
      throw new TintypeError(
        'host_not_allowed',
        'This server goes by another name. Set PUBLIC_URL to add this one.',
      )
    }
    next()
  }
}

function requestLog(log: Log): RequestHandler {
  return (req, res, next) => {
    const begun = performance.now()
    const path = req.originalUrl.replace(/\?.*/s, '')
    res.once('close', () => {
      const { requestId } = res.locals
      const ms = Math.round(performance.now() - begun)
      const status = res.writableFinished ? res.statusCode : 'cut'
      log.info('http.request', { requestId, method: req.method, path, status, ms })
    })
    next()
  }
}

function gallery(): RequestHandler {
  const index = fileURLToPath(import.meta.resolve('@tintype/gallery/dist/index.html'))
  if (!existsSync(index)) {
    return (req, res, next) => (req.path === '/' ? res.redirect(302, '/plain') : next())
  }
  return express.static(index.replace(/index\.html$/, ''), {
    setHeaders(res, path) {
      // The build puts a hash into the names below assets: those never change.
      const hashed = /[\\/]assets[\\/]/.test(path)
      res.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
}
