import { TintypeError } from '../errors.ts'
import type { MediaQuery } from '../media-query.ts'
import type { ApiRequest } from './exchange.ts'
import { flagIn } from './undo-routes.ts'

/**
 * What a list is asked for in its address.
 * @throws {TintypeError} `invalid_parameter` for what comes twice
 */
export function pageQuery(request: Pick<ApiRequest, 'query'>): MediaQuery & { removed: boolean } {
  const all = new URLSearchParams(request.query)
  const once = (name: 'cursor' | 'kind' | 'order' | 'q'): Record<string, string> => {
    const [value, ...more] = all.getAll(name)
    if (more.length > 0) throw new TintypeError('invalid_parameter', `${name} came more than once.`)
    return value === undefined ? {} : { [name]: value }
  }
  const limits = all.getAll('limit')
  const hashes = all.getAll('sha256').flatMap((text) => text.split(','))
  return {
    removed: flagIn(request, 'removed'),
    ...(limits.length === 0 ? {} : { limit: wholeNumber(limits) }),
    ...(hashes.length === 0 ? {} : { sha256: hashes }),
    ...once('cursor'),
    ...once('kind'),
    ...once('order'),
    ...(all.has('q') ? { search: once('q').q } : {}),
  }
}

/** NaN for what is no number: the function with the limits reports what would be right. */
function wholeNumber([text = '', second]: string[]): number {
  return second === undefined && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
}
