import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { Request } from 'express'
import { originOf } from '../settings/urls.ts'

/** Where the app and the router in it are reached by browsers. */
export interface Address {
  /** `https://photos.example`; empty where nobody knows it: what leads here is then a path. */
  origin: string
  /** Of the app, e.g. `/photos`; empty at the root. */
  path: string
  /** Of the router, the app's path included, e.g. `/photos/api`. */
  router: string
}

/**
 * The one idea of the app's own address. `publicUrl` decides where it is set; otherwise the Host of each request, which
 * a browser can't be made to send wrongly. X-Forwarded-Host and its like are never believed: anybody can send them.
 */
export interface OwnAddress {
  /** Whether `publicUrl` is. */
  isSet: boolean
  /** As the sender of this request reaches the app. */
  of(req: IncomingMessage): Address
  /** The same for a request that came to the router, which then knows its path. */
  atRouter(req: Request): Address
  /** Whether pages of this origin are the app's own. */
  isOwn(req: IncomingMessage, origin: string): boolean
  /** The address of the request that is being answered ({@link answering}); outside of one without origin, unless `publicUrl` is set. */
  here(): Address
}

const current = new AsyncLocalStorage<Address>()

/** Where nobody has said otherwise: see the README. */
const usualMount = '/api'

/** @param publicUrl as `readPublicUrl` gives it */
export function createOwnAddress(publicUrl: string | undefined): OwnAddress {
  const origin = publicUrl === undefined ? undefined : new URL(publicUrl).origin
  const path = publicUrl?.slice(origin?.length) ?? ''
  let mount: string | undefined

  const address = (asked: string, at = mount ?? usualMount): Address => {
    return { origin: origin ?? asked, path, router: join(path, at) }
  }

  return {
    isSet: publicUrl !== undefined,
    of: (req) => address(askedOrigin(req)),
    atRouter(req) {
      mount ??= req.baseUrl
      return address(askedOrigin(req), req.baseUrl)
    },
    isOwn(req, given) {
      const other = originAt(given)
      return other !== undefined && (other === origin || other === hostAs(req, new URL(given).protocol))
    },
    here: () => current.getStore() ?? address(''),
  }
}

/** Does some work of answering a request, in which whatever is made leads to where that request came. */
export function answering<T>(address: Address, work: () => T): T {
  return current.run(address, work)
}

/** A proxy takes the app's path off, or leaves it. */
function join(path: string, mount: string): string {
  return mount === path || mount.startsWith(`${path}/`) ? mount : path + mount
}

/** A host with or without a port; an IPv6 address stands in brackets. Whatever else is no host, and must get into no header. */
const host = /^([\w-]+(\.[\w-]+)*\.?|\[[\da-f:.]+\])(:\d{1,5})?$/i

function hostAs(req: IncomingMessage, protocol: string): string | undefined {
  const given = req.headers.host ?? ''
  return host.test(given) ? originAt(`${protocol}//${given}`) : undefined
}

function originAt(url: string): string | undefined {
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? originOf(new URL(url)) : undefined
}

function askedOrigin(req: IncomingMessage): string {
  const https = hostAs(req, 'https:')
  return (isHttps(req, https) ? https : hostAs(req, 'http:')) ?? ''
}

/**
 * Behind a proxy that ends TLS, the browser's own word counts: its page (Origin or Referer) is https under this very
 * host. Express says what `trust proxy` of the app makes of X-Forwarded-Proto.
 */
function isHttps(req: IncomingMessage, https: string | undefined): boolean {
  if ((req.socket as TLSSocket).encrypted || (req as Request).protocol === 'https') return true
  const { origin, referer } = req.headers
  return https !== undefined && (originAt(origin ?? '') === https || originAt(referer ?? '') === https)
}
