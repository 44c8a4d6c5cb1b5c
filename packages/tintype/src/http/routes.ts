import { TintypeError } from '../errors.ts'
import type { Lead } from '../present.ts'
import type { Address } from './address.ts'
import { type Answer, type ApiRequest, emptyAnswer, type Headers } from './exchange.ts'

/** What is known of a request beside itself when its handler is called. */
export interface Call {
  /** What the path has in the places of `:id` and `:name`, decoded; empty where it has none. */
  id: string
  name: string
  /** Where the request has reached the app. */
  address: Address
  /** Makes signed URLs lead there. */
  lead: Lead
}

export type Handler = (request: ApiRequest, call: Call) => Answer | Promise<Answer>

/** One address and what it serves, e.g. `{ path: '/media/:id', methods: { GET, DELETE } }`. HEAD goes with GET. */
export interface Route {
  path: string
  methods: Record<string, Handler>
}

export interface FoundRoute {
  route: Route
  id: string
  name: string
}

/**
 * Finds the route of a path. Case makes no difference, nor does a slash at the end.
 *
 * @throws {TintypeError} `malformed_request` for a path that can't be decoded
 * @example createRouter([{ path: '/media/:id', methods: { GET: show } }])('/media/5') // { route, id: '5', name: '' }
 */
export function createRouter(routes: readonly Route[]): (path: string) => FoundRoute | undefined {
  const all = routes.map((route) => {
    const pattern = route.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')
    return { route, pattern: new RegExp(`^${pattern}/?$`, 'i') }
  })
  return (path) => {
    for (const { route, pattern } of all) {
      const { groups, index } = pattern.exec(path) ?? {}
      if (index !== undefined) return { route, id: decode(groups?.id), name: decode(groups?.name) }
    }
    return undefined
  }
}

/**
 * Answers by the handler of the request's method, and OPTIONS where there is none.
 *
 * @param headers those of the answer, whatever comes of it: `Allow` is added where the method is not served
 * @throws {TintypeError} `method_not_allowed`; what the handler throws
 */
export function callRoute(
  { methods }: Route,
  request: ApiRequest,
  { headers, ...call }: Call & { headers: Headers },
): Answer | Promise<Answer> {
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const handler = Object.hasOwn(methods, method) ? methods[method] : undefined
  if (handler) return handler(request, call)
  // OPTIONS is answered everywhere, and not listed.
  const served = Object.keys(methods).filter((one) => one !== 'OPTIONS')
  headers.Allow = served.join(', ').replace('GET', 'GET, HEAD')
  if (request.method === 'OPTIONS') return emptyAnswer(204)
  throw new TintypeError('method_not_allowed', `Served here: ${headers.Allow}.`)
}

function decode(text = ''): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new TintypeError('malformed_request', 'The request is malformed.', { cause })
  }
}
