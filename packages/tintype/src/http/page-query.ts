import { TintypeError } from '../errors.ts'
import type { MediaQuery, MediaSearch } from '../media-query.ts'
import { isLanguage } from '../search/languages.ts'
import type { ApiRequest } from './exchange.ts'
import { flagIn } from './undo-routes.ts'

type Asked = Pick<ApiRequest, 'query' | 'headers'>

/** The names of the months of each are made for a search by a date: a millisecond or two. */
const mostLanguages = 4

/**
 * What a list is asked for in its address.
 * @throws {TintypeError} `invalid_parameter` for what comes twice
 */
export function pageQuery(request: Asked): MediaQuery & { removed: boolean } {
  const all = new URLSearchParams(request.query)
  const once = (name: 'cursor' | 'kind' | 'order'): Record<string, string> => {
    const value = onlyOne(all, name)
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
    ...searchQuery(request),
  }
}

/**
 * By which words: the language of the browser names the months.
 * @throws {TintypeError} `invalid_parameter` for what comes twice
 */
export function searchQuery({ query, headers }: Asked): MediaSearch {
  const all = new URLSearchParams(query)
  const [search, zone] = [onlyOne(all, 'q'), onlyOne(all, 'zone')]
  return {
    ...(search === undefined ? {} : { search, languages: languagesIn(headers['accept-language']) }),
    ...(zone === undefined ? {} : { zone }),
  }
}

/** Browsers name the preferred ones first. */
function languagesIn(header = ''): string[] {
  const all = header.split(',').map((one) => one.replace(/;.*/, '').trim())
  return all.filter(isLanguage).slice(0, mostLanguages)
}

function onlyOne(query: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = query.getAll(name)
  if (more.length > 0) throw new TintypeError('invalid_parameter', `${name} came more than once.`)
  return value
}

/** NaN for what is no number: the function with the limits reports what would be right. */
function wholeNumber([text = '', second]: string[]): number {
  return second === undefined && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
}
