import { TintypeError } from '../errors.ts'
import type { Lead } from '../present.ts'
import type { Address } from './address.ts'
import { shareWith, storageSharing } from './cors.ts'
import { type Answer, type ApiRequest, emptyAnswer, type Headers, withHeaders } from './exchange.ts'

/** Below the mount: where browsers find the embedded S3. Its requests are signed, so the API's rules are not for them. */
export const storagePath = '/s3'

const belowStorage = new RegExp(`^${storagePath}(?=/|$)`, 'i')

/** Same origin as the app: whatever an object holds, it must not run here. */
const storageHeaders: Headers = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "sandbox; default-src 'none'",
}

/** The methods of signed URLs. S3's forms have their credentials in the body, which would be read unauthenticated. */
const passed = ['GET', 'HEAD', 'PUT', 'OPTIONS']

export interface StorageRouteOptions {
  origins: readonly string[]
  refuse(thrown: unknown, request: ApiRequest): Answer
  demandOpen(): void
}

/**
 * The embedded S3 is reached through the app, by whatever name the app is: URLs that are signed for it are made to lead
 * there.
 * @param signedFor where they lead as they are signed; undefined for a bucket, whose URLs stay as they are
 */
export function createLeadTo(signedFor: string | undefined): (address: Address) => Lead {
  return ({ origin, router }) => {
    if (signedFor === undefined) return (url) => url
    return (url) => origin + router + storagePath + url.slice(signedFor.length)
  }
}

/** The request for the embedded S3, or why it is refused; undefined for other requests. */
export function createStorageRoute({
  origins,
  refuse,
  demandOpen,
}: StorageRouteOptions): (request: ApiRequest) => Answer | undefined {
  const share = shareWith(origins, storageSharing)
  return (request) => {
    if (!belowStorage.test(request.path)) return undefined
    const shared = share(request)
    const headers = { ...storageHeaders, ...shared.headers }
    try {
      demandOpen()
      if (shared.isPreflight) return emptyAnswer(204, headers)
      if (!passed.includes(request.method)) {
        headers.Allow = 'GET, HEAD, PUT'
        throw new TintypeError('method_not_allowed', `Served here: ${headers.Allow}.`)
      }
      return { status: 200, headers, storage: signedTarget(request) }
    } catch (error) {
      return withHeaders(refuse(error, request), headers)
    }
  }
}

/**
 * Path and query as they were signed. Servers that make Web requests may write a query anew (Next does), with + for a space;
 * a URL that we sign has no + of its own.
 */
function signedTarget({ path, query }: Pick<ApiRequest, 'path' | 'query'>): string {
  const below = path.slice(storagePath.length) || '/'
  return query === '' ? below : `${below}?${query.replaceAll('+', '%20')}`
}
