import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import express, { type Express, type Request, type RequestHandler } from 'express'
import { TintypeError } from 'tintype/internal/errors'
import { answering, type OwnAddress } from 'tintype/internal/http/address'
import { refuseCrossSite, requestId, setHeaders } from 'tintype/internal/http/guard'
import { refuseDoubled } from 'tintype/internal/http/once'
import { problemHandler } from 'tintype/internal/http/problem'
import { storagePath } from 'tintype/internal/http/router'
import type { Log } from 'tintype/internal/log'
import type { Tintype } from 'tintype/internal/tintype'
import { compressReads } from './compress.ts'
import { healthRoutes } from './health.ts'
import { metricsRoute } from './metrics-route.ts'
import { plainRoutes } from './plain.ts'
import type { Sessions } from './session.ts'

export interface SiteOptions {
  tintype: Tintype
  sessions: Sessions
  log: Log
  own: OwnAddress
  /** Names of hosts that are served, e.g. `localhost`; undefined: any, since a token protects the server. */
  hosts: ReadonlySet<string> | undefined
  isStopping(): boolean
}

/** The ready server: the API under `/api`, the gallery at `/`, the same without JavaScript at `/plain`. */
export function createSite({ tintype, sessions, log, own, hosts, isStopping }: SiteOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use((req, _res, next) => answering(own.of(req), next))
  app.use(
    requestId,
    siteHeaders((req) => viewOrigin(tintype, own, req)),
  )
  app.use(compressReads(isStorage))
  app.use(healthRoutes({ check: () => tintype.check(), isStopping }))
  app.use(requestLog(log), unknownProxy(own, log))
  app.use(refuseDoubled)
  if (hosts) app.use(onlyHosts(hosts))
  app.use(metricsRoute({ text: () => tintype.metrics(), authenticate: sessions.authenticate }))
  app.use('/api', tintype.router)
  app.use(refuseCrossSite(own), sessions.router)
  app.use(plainRoutes(tintype, sessions.authenticate, own))
  app.use(gallery(own))
  app.use(() => {
    throw new TintypeError('not_found', 'There is nothing at this address.')
  })
  app.use(problemHandler(log, own))
  return app
}

/** The embedded S3 is reached as the site is. */
function viewOrigin(tintype: Tintype, own: OwnAddress, req: Request): string {
  return tintype.viewOrigin === "'self'" ? own.of(req).origin : tintype.viewOrigin
}

/** Scripts and styles from here alone; pictures also from where the view URLs lead. */
function siteHeaders(viewOriginFor: (req: Request) => string): RequestHandler {
  const same = setHeaders({
    // The owner decides what is shown: no cache may keep it for others.
    'Cache-Control': 'private, no-cache',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
  })
  return (req, res, next) => {
    const views = viewOriginFor(req)
    const policy = [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      `img-src 'self' data: blob: ${views}`,
      `media-src 'self' blob: ${views}`,
      `connect-src 'self' ${views}`,
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]
    res.setHeader('Content-Security-Policy', policy.map((one) => one.trim()).join('; '))
    same(req, res, next)
  }
}

/**
 * Without a token, being on this machine is what lets one in. A page of another site could point a host name of
 * its own at 127.0.0.1 and read along (DNS rebinding): so only the names that this server goes by are served. The port
 * says nothing, and proxies leave it out.
 */
function onlyHosts(hosts: ReadonlySet<string>): RequestHandler {
  return (req, _res, next) => {
    const [, name = ''] = /^(.*?)\.?(:\d+)?$/.exec((req.headers.host ?? '').toLowerCase()) ?? []
    if (!hosts.has(name)) {
      throw new TintypeError(
        'host_not_allowed',
        'This server goes by another name. Set PUBLIC_URL to the address that people use to add this one.',
      )
    }
    next()
  }
}

/** Says once that a proxy is in front which nobody has told us of: links may then have the wrong name. */
function unknownProxy(own: OwnAddress, log: Log): RequestHandler {
  let told = own.isSet
  return (req, _res, next) => {
    const { forwarded, via } = req.headers
    const proxied = req.headers['x-forwarded-for'] ?? req.headers['x-forwarded-host'] ?? forwarded ?? via
    if (!told && proxied !== undefined) {
      told = true
      log.warn('proxy.unknown', {
        remedy: 'A proxy is in front: set PUBLIC_URL to the address that people use.',
      })
    }
    next()
  }
}

/** Whether it goes to the embedded S3. */
function isStorage(req: Request): boolean {
  return req.originalUrl.startsWith(`/api${storagePath}/`)
}

function requestLog(log: Log): RequestHandler {
  return (req, res, next) => {
    const begun = performance.now()
    const path = req.originalUrl.replace(/\?.*/s, '')
    // One for each picture shown: those that are refused have a line of their own.
    if (isStorage(req)) return next()
    res.once('close', () => {
      const { requestId } = res.locals
      const ms = Math.round(performance.now() - begun)
      const status = res.writableFinished ? res.statusCode : 'cut'
      log.info('http.request', { requestId, method: req.method, path, status, ms })
    })
    next()
  }
}

function gallery(own: OwnAddress): RequestHandler {
  const index = fileURLToPath(import.meta.resolve('@tintype/gallery/dist/index.html'))
  if (!existsSync(index)) {
    return (req, res, next) => (req.path === '/' ? res.redirect(302, `${own.of(req).path}/plain`) : next())
  }
  return express.static(index.replace(/index\.html$/, ''), {
    setHeaders(res, path) {
      // The build puts a hash into the names below assets: those never change.
      const hashed = /[\\/]assets[\\/]/.test(path)
      res.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
}
