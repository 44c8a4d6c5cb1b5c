import type { IncomingHttpHeaders } from 'node:http'
import { originOf } from '../settings/urls.ts'

/** The addresses at which browsers reach the app and its API. */
export interface Address {
  /** `https://photos.example`; empty if it is unknown: URLs are then paths. */
  origin: string
  /** Of the app, e.g. `/photos`; empty at the root. */
  path: string
  /** Of the router, the app's path included, e.g. `/photos/api`. */
  router: string
}

/** The parts of a request that tell how the app was reached. */
export interface Asked {
  headers: IncomingHttpHeaders
  /** Whether it came by https, as far as the door knows: Express says what `trust proxy` makes of X-Forwarded-Proto. */
  isEncrypted: boolean
}

/**
 * The app's own address: `publicUrl` if it is set, otherwise the Host of each request, which a page can't make a browser
 * send wrongly. X-Forwarded-Host and its like are ignored: any client can send them.
 */
export interface OwnAddress {
  /** Whether `publicUrl` is. */
  isSet: boolean
  /** The address at which the client of this request reached the app. */
  of(asked: Asked): Address
  /** The same for a request that came to the API itself, of which it is known where it is mounted. */
  atMount(asked: Asked, mount: string): Address
  /**
   * The mount of the API in all that is told without a mount, from the first call on. Senders write what they like before
   * the API's own paths: so only a request that was answered to somebody who is known may call this.
   */
  learnMount(mount: string): void
  /** Whether it is the origin of `publicUrl`, by whatever name the app was asked. */
  isPublic(origin: string): boolean
  /** Whether pages of this origin are the app's own. */
  isOwn(asked: Asked, origin: string): boolean
  /** Outside of any request: without origin, unless `publicUrl` is set. */
  usual(): Address
}

/** The default mount: see the README. */
const usualMount = '/api'

/** @param publicUrl as `readPublicUrl` gives it */
export function createOwnAddress(publicUrl: string | undefined): OwnAddress {
  const origin = publicUrl === undefined ? undefined : new URL(publicUrl).origin
  const path = publicUrl?.slice(origin?.length) ?? ''
  let firstMount: string | undefined

  const address = (asked: string, mount = firstMount ?? usualMount): Address => {
    return { origin: origin ?? asked, path, router: join(path, mount) }
  }
  const askedOrigin = origin === undefined ? originAskedFor : () => ''

  return {
    isSet: publicUrl !== undefined,
    of: (asked) => address(askedOrigin(asked)),
    atMount: (asked, mount) => address(askedOrigin(asked), mount),
    learnMount(mount) {
      if (isPlainPath(mount)) firstMount ??= mount
    },
    isPublic: (given) => origin !== undefined && originAt(given) === origin,
    isOwn(asked, given) {
      const other = originAt(given)
      return other !== undefined && (other === origin || other === hostAs(asked, new URL(given).protocol))
    },
    usual: () => address(''),
  }
}

const longestMount = 200
const dots = /^(\.|%2e){1,2}$/i

/**
 * Whether a path means the same wherever it stands: `//evil.example` at the beginning of a URL would be another host, and
 * browsers take `.` and `..` out.
 *
 * @param path empty, or with a slash at its beginning and none at its end
 */
export function isPlainPath(path: string): boolean {
  const [, ...parts] = path.split('/')
  return (
    path.length <= longestMount &&
    parts.every((part) => part !== '' && !dots.test(part) && !part.includes('\\'))
  )
}

/** A proxy takes the app's path off, or leaves it. */
function join(path: string, mount: string): string {
  return mount === path || mount.startsWith(`${path}/`) ? mount : path + mount
}

/** A host with or without a port; an IPv6 address is in brackets. Anything else must not get into a header. */
const host = /^([\w-]+(\.[\w-]+)*\.?|\[[\da-f:.]+\])(:\d{1,5})?$/i

function hostAs({ headers }: Asked, protocol: string): string | undefined {
  const given = headers.host ?? ''
  const url = `${protocol}//${given}`
  let known = knownHosts.get(url)
  if (known === undefined && host.test(given)) {
    known = originAt(url)
    if (known !== undefined) remember(url, known)
  }
  return known
}

/** Nearly all requests name the same host, and parsing a URL for each of them costs more than routing it. */
const knownHosts = new Map<string, string>()
const mostHosts = 100

/** Senders choose what they write: neither how many hosts nor how long their names are is left to them. */
function remember(url: string, origin: string): void {
  if (url.length > 300) return
  if (knownHosts.size >= mostHosts) knownHosts.clear()
  knownHosts.set(url, origin)
}

function originAt(url: string): string | undefined {
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? originOf(new URL(url)) : undefined
}

function originAskedFor(asked: Asked): string {
  const https = hostAs(asked, 'https:')
  return (isHttps(asked, https) ? https : hostAs(asked, 'http:')) ?? ''
}

/**
 * Behind a proxy that ends TLS, the browser tells: its page (Origin or Referer) is https under this host.
 */
function isHttps({ headers, isEncrypted }: Asked, https: string | undefined): boolean {
  if (isEncrypted) return true
  const { origin, referer } = headers
  return https !== undefined && (originAt(origin ?? '') === https || originAt(referer ?? '') === https)
}
