import type { IncomingMessage, ServerResponse } from 'node:http'
import proxyAddr from 'proxy-addr'
import type { Clock } from 'tintype/internal/clock'
import { sendAnswer, setHeaders } from 'tintype/internal/doors/node-answer'
import { NodeRequest } from 'tintype/internal/doors/node-request'
import { TintypeError } from 'tintype/internal/errors'
import type { OwnAddress } from 'tintype/internal/http/address'
import { type ApiRequest, type Headers, withHeaders } from 'tintype/internal/http/exchange'
import { refuseCrossSite } from 'tintype/internal/http/guard'
import { refuseDoubled } from 'tintype/internal/http/once'
import type { Sender } from 'tintype/internal/http/owner'
import { createRefusal } from 'tintype/internal/http/problem'
import { requestIdOf } from 'tintype/internal/http/request-id'
import { callRoute, createRouter } from 'tintype/internal/http/routes'
import { storagePath } from 'tintype/internal/http/storage'
import { thisMachinesOwner } from 'tintype/internal/http/this-machine'
import type { Log } from 'tintype/internal/log'
import type { Tintype } from 'tintype/internal/tintype'
import type { Accounts } from './accounts.ts'
import type { AlbumSite } from './album-site.ts'
import { compressRead } from './compress.ts'
import { debugRoute } from './debug.ts'
import type { SiteDoor } from './door.ts'
import { createGallery, galleryRoutes } from './gallery.ts'
import { createSiteHeaders } from './headers.ts'
import { healthRoutes } from './health.ts'
import { loggedPath } from './logged-path.ts'
import { metricsRoute } from './metrics-route.ts'
import { createOwnApi } from './own-api.ts'
import { plainRoutes } from './plain.ts'
import { plainPhotoRoutes } from './plain-photo.ts'
import type { Sessions } from './session.ts'
import { shareTargetRoutes } from './share-target.ts'

export interface SiteOptions {
  tintype: Tintype
  api: ReturnType<SiteDoor['open']>
  sessions: Sessions
  log: Log
  clock: Clock
  own: OwnAddress
  /** Names of hosts that are served where nobody has to sign in, e.g. `localhost`. */
  names: ReadonlySet<string>
  /** Whether a proxy may come without anybody having told us. */
  expectsProxies: boolean
  accounts: Accounts
  albums: AlbumSite
  /** Their X-Forwarded-For is believed. */
  trustedProxies: readonly string[]
  /** Milliseconds. */
  stallTimeout: number
  isStopping(): boolean
}

const apiMount = '/api'
const storage = new RegExp(`^(/shared/[^/]+)?${apiMount}${storagePath}/`)
const belowApi = new RegExp(`^${apiMount}(?=/|$)`, 'i')

/**
 * The ready server: the API under `/api`, the gallery at `/`, the same without JavaScript at `/plain`. The API is reached
 * by the library's own door, after the checks that hold for the whole site.
 */
export function createSite(options: SiteOptions): (req: IncomingMessage, res: ServerResponse) => void {
  const { tintype, api, sessions, accounts, albums, log, clock, own, names, isStopping } = options
  const isTrusted =
    options.trustedProxies.length === 0 ? undefined : proxyAddr.compile([...options.trustedProxies])
  /** What the server does with all photos together is for those who run it: the first person, and holders of the token. */
  const operator = async (request: Sender) => {
    const owner = await sessions.authenticate(request)
    return owner === thisMachinesOwner ? owner : null
  }
  const pages = { ...options, callApi: createOwnApi(tintype) }
  const findHealth = createRouter(healthRoutes({ check: () => tintype.check(), isStopping, clock }))
  const findPage = createRouter([
    ...sessions.routes,
    ...accounts.routes,
    ...galleryRoutes(own, sessions),
    ...albums.routes,
    ...plainRoutes(tintype, sessions, own),
    ...plainPhotoRoutes(pages),
    ...shareTargetRoutes(pages),
    debugRoute({ status: () => tintype.status(), authenticate: operator, now: clock.now }),
    metricsRoute({ text: () => tintype.metrics(), authenticate: operator }),
  ])
  const headersFor = createSiteHeaders(tintype, own)
  const gallery = createGallery()
  const refuse = createRefusal(log, own)
  const demandSameSite = refuseCrossSite(own)
  const tellOfProxy = createProxyWarning(own, log, options.expectsProxies && isTrusted === undefined)

  /** Undefined: the API or the gallery answers, or has answered. */
  async function answer(req: IncomingMessage, res: ServerResponse, request: ApiRequest, headers: Headers) {
    const call = { address: own.of(request), lead: (url: string) => url, headers }
    const health = findHealth(request.path)
    if (health) return callRoute(health.route, request, { ...health, ...call })
    const isApi = belowApi.test(request.path)
    if (!isStorage(request)) logRequest(log, request, res)
    tellOfProxy(request)
    refuseDoubled(request)
    if (!(await sessions.isRequired())) demandHost(request, names)
    const ofGuests = albums.guests.apiFor(request)
    if (ofGuests) return ofGuests(req, res)
    const page = findPage(request.path)
    if (isApi && !page) return api(req, res, request.path.slice(0, apiMount.length))
    demandSameSite(request)
    return page ? callRoute(page.route, request, { ...page, ...call }) : gallery(req, res, request)
  }

  return async (req, res) => {
    // As Express tells it, for what counts by address.
    if (isTrusted) Object.assign(req, { ip: proxyAddr(req, isTrusted) })
    const request = new NodeRequest(req, res, { mount: '' })
    setHeaders(res, headersFor(request))
    res.setHeader('X-Request-Id', requestIdOf(req))
    if (!isStorage(request)) compressRead(req, res)
    const headers: Headers = {}
    try {
      demandHostHeader(req)
      const answered = await answer(req, res, request, headers)
      if (answered) sendAnswer(req, res, withHeaders(answered, headers), clock)
    } catch (error) {
      sendAnswer(req, res, withHeaders(refuse(error, request), headers), clock)
    }
  }
}

/** RFC 9112 section 3.2: a request of HTTP/1.1 without it is refused. */
function demandHostHeader({ headers, httpVersion }: IncomingMessage): void {
  if (headers.host !== undefined || httpVersion === '1.0') return
  throw new TintypeError('malformed_request', 'The request has no Host header.')
}

/** Whether it goes to the embedded S3, by the mount of the API or one of a guest's: one request for each picture shown. */
function isStorage({ path }: ApiRequest): boolean {
  return storage.test(path)
}

/**
 * Without a token, being on this machine is what lets one in. A page of another site could point a host name of
 * its own at 127.0.0.1 and read along (DNS rebinding): so only the names that this server goes by are served. The port
 * says nothing, and proxies leave it out.
 */
function demandHost({ headers }: ApiRequest, hosts: ReadonlySet<string>): void {
  const [, name = ''] = /^(.*?)\.?(:\d+)?$/.exec((headers.host ?? '').toLowerCase()) ?? []
  if (hosts.has(name)) return
  throw new TintypeError(
    'host_not_allowed',
    'This server goes by another name. Set PUBLIC_URL to the address that people use to add this one.',
  )
}

/**
 * Says once that a proxy is in front which nobody has told us of: links may then have the wrong name, and all clients may
 * count as one.
 *
 * @param isOneAddress whether they do: nobody's X-Forwarded-For is believed
 */
function createProxyWarning(own: OwnAddress, log: Log, isOneAddress: boolean): (request: ApiRequest) => void {
  let told = own.isSet
  let toldOfAddress = !isOneAddress
  return ({ headers, remoteAddress }) => {
    if (!toldOfAddress && headers['x-forwarded-for'] !== undefined) {
      toldOfAddress = true
      log.warn('proxy.not_trusted', {
        address: remoteAddress,
        remedy:
          'If this is a proxy of yours, name it in TRUSTED_PROXIES: else all clients behind it count as one where wrong tokens are counted, and what guests send.',
      })
    }
    const proxied =
      headers['x-forwarded-for'] ?? headers['x-forwarded-host'] ?? headers.forwarded ?? headers.via
    if (told || proxied === undefined) return
    told = true
    log.warn('proxy.unknown', {
      remedy: 'A proxy is in front: set PUBLIC_URL to the address that people use.',
    })
  }
}

function logRequest(log: Log, request: ApiRequest, res: ServerResponse): void {
  const begun = performance.now()
  const { method } = request
  const path = loggedPath(request.path)
  request.whenOver((isWhole) => {
    const ms = Math.round(performance.now() - begun)
    const status = isWhole ? res.statusCode : 'cut'
    log.info('http.request', { requestId: requestIdOf(request.original), method, path, status, ms })
  })
}
