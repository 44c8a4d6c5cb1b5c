import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Media } from '@tintype/protocol'
import { setHeaders } from 'tintype/internal/doors/node-answer'
import type { OwnAddress } from 'tintype/internal/http/address'
import {
  type Answer,
  type ApiRequest,
  type Headers,
  redirect,
  withHeaders,
} from 'tintype/internal/http/exchange'
import { apiHeaders, refuseCrossSite } from 'tintype/internal/http/guard'
import { page, wantsHtml } from 'tintype/internal/http/html'
import type { Handler, Route } from 'tintype/internal/http/routes'
import { showAs } from 'tintype/internal/http/shown-as'
import { addressKey } from 'tintype/internal/http/writes'
import { isKey } from 'tintype/internal/intake/idempotency'
import type { RateLimit } from 'tintype/internal/quotas/rates'
import type { Tintype } from 'tintype/internal/tintype'
import type { Visits } from '../albums/guest-hooks.ts'
import { type Guest, type Guests, openFor } from '../albums/guests.ts'
import { refusedToGuest, showGuest } from '../albums/shown.ts'
import { hashOf } from '../people/secret.ts'
import { createCookie } from './cookies.ts'
import { type GuestApi, isStored } from './guest-api.ts'

export interface GuestSiteOptions {
  guests: Guests
  visits: Visits
  guestApi: Pick<GuestApi, 'answer' | 'demandMedia'>
  tintype: Pick<Tintype, 'node'>
  own: OwnAddress
  /** By address, of links that lead nowhere and of what guests send and remove; undefined: nothing is counted. */
  rate: RateLimit | undefined
}

export interface GuestSite {
  /** `/s/TOKEN`, where links lead. */
  routes: Route[]
  /**
   * The guest of a request, and the cookie of their visit where it begins with it.
   * @throws {TintypeError} `unauthenticated`, `gone`
   */
  demand(request: ApiRequest, linkId: string): Promise<{ guest: Guest; headers: Headers }>
  /** Counts what somebody without an account does. @throws {TintypeError} `too_many_requests` */
  count(request: ApiRequest): Promise<void>
  /** What answers a request for the guest's API; undefined where it is for something else. It answers undefined where it was answered. */
  apiFor(
    request: ApiRequest,
  ): ((req: IncomingMessage, res: ServerResponse) => Promise<Answer | undefined>) | undefined
}

const apiPath = /^(\/shared\/([^/]+)\/api)(\/.*)$/i

/** What was sent to a few is listed by no search engine. */
export const notListed: Headers = { 'X-Robots-Tag': 'noindex, nofollow' }

/**
 * The link of an album, `/s/TOKEN`, leads at once to an address without the token, which goes into a cookie: so no other page is told of
 * it by `Referer`, and nobody reads it off the screen. What tells one visit from another is in a cookie of its own, which stays when the
 * link is opened again.
 */
export function createGuestSite(options: GuestSiteOptions): GuestSite {
  const { guests, visits, guestApi, tintype, own, rate } = options
  const demandSameSite = refuseCrossSite(own)
  const cookiesFor = (linkId: string) => ({
    token: createCookie('tintype_guest', own, `/shared/${linkId}`),
    visit: createCookie('tintype_visit', own, `/shared/${linkId}`),
  })
  const count = async ({ clientAddress }: ApiRequest) => rate?.demand(addressKey(clientAddress))

  const demand: GuestSite['demand'] = async (request, linkId) => {
    const { token, visit } = cookiesFor(linkId)
    const cookies = { tokens: token.read(request.headers), visits: visit.read(request.headers) }
    const { begun, ...guest } = await guests.demand(linkId, cookies)
    const isNew = begun !== undefined
    return { guest, headers: isNew ? { 'Set-Cookie': visit.set(request, begun, openFor) } : {} }
  }

  const open: Handler = async (request, { id: token }) => {
    const link = await guests.open(token)
    const { path } = own.of(request)
    if (!link) {
      await count(request)
      return overPage(path)
    }
    const setCookie = cookiesFor(link.id).token.set(request, token, openFor)
    const headers = { 'Set-Cookie': setCookie, 'Cache-Control': 'no-store', ...notListed }
    return withHeaders(redirect(303, `${path}/shared/${link.id}`), headers)
  }

  /** What the library answers as to the owner is the guest's to see and to send again, and nobody else's. */
  function actAsGuest(req: IncomingMessage, guest: Guest): void {
    visits.note(req, guest)
    const show = async (media: Media) => {
      await guestApi.demandMedia(guest, media.id)
      return showGuest(media, guest.link)
    }
    showAs(req, { media: show, refusal: refusedToGuest })
    const { 'idempotency-key': key } = req.headers
    // The library knows one owner: a key that another guest, or the owner, has used would bring what they have sent.
    if (typeof key === 'string' && isKey(key))
      req.headers['idempotency-key'] = hashOf([guest.link.id, guest.visitHash, key].join(' '))
  }

  async function answer(
    request: ApiRequest,
    { mount, linkId, path }: { mount: string; linkId: string; path: string },
    [req, res]: [IncomingMessage, ServerResponse],
  ): Promise<Answer | undefined> {
    const toLibrary = (guest?: Guest) => {
      if (guest) actAsGuest(req, guest)
      const { origin, path: app } = own.of(request)
      // A form without JavaScript leads back to its page, also in browsers that don't say which it was.
      if (guest && wantsHtml(request)) req.headers.referer ??= `${origin}${app}/shared/${linkId}/plain`
      tintype.node(req, res, { mount, isUsual: false, owner: guest?.link.owner ?? null })
      return undefined
    }
    if (isStored(path)) return toLibrary()
    demandSameSite(request)
    const { guest, headers } = await demand(request, linkId)
    setHeaders(res, headers)
    if (request.method === 'POST' || request.method === 'DELETE') await count(request)
    const outcome = await guestApi.answer(request, path, guest)
    return outcome === 'of the library' ? toLibrary(guest) : withHeaders(outcome, apiHeaders)
  }

  return {
    routes: [{ path: '/s/:id', methods: { GET: open } }],
    demand,
    count,
    apiFor(request) {
      const [, mount, linkId, path] = apiPath.exec(request.path) ?? []
      if (mount === undefined || linkId === undefined || path === undefined) return undefined
      return (...exchange) => answer(request, { mount, linkId, path }, exchange)
    },
  }
}

function overPage(path: string): Answer {
  const body = `<div class="card"><h1>This link has ended</h1>\n<p>It has expired, or the person who sent it has ended it. Ask them for another one.</p></div>`
  return {
    status: 410,
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store', ...notListed },
    body: page('This link has ended', body, `<link rel="stylesheet" href="${path}/plain.css">`),
  }
}
