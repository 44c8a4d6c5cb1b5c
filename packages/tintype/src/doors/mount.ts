import { isPlainPath } from '../http/address.ts'
import { isId } from '../ids.ts'

/** The first words of what the API serves, and of the embedded S3. */
const words = new Set([
  'media',
  'uploads',
  'files',
  'filepond',
  'usage',
  'timeline',
  'events',
  'openapi.json',
  's3',
])

/**
 * Where in the app the API is, and the path below it.
 *
 * @param given what the app has named; undefined: what stands before the first path that the API knows
 * @example findMount('/v1/api/media', undefined) // { mount: '/v1/api', path: '/media' }
 */
export function findMount(path: string, given: string | undefined): { mount: string; path: string } {
  if (given === undefined) return guessOnce(path)
  const mount = given.replace(/\/+$/, '')
  // A framework may have taken it off.
  const isBelow = path.startsWith(mount) && /^(\/|$)/.test(path.slice(mount.length))
  return { mount, path: isBelow ? path.slice(mount.length) || '/' : path }
}

type Place = ReturnType<typeof findMount>

/** Uploads and lists ask for the same few paths again and again. Senders choose them: there is a bound to what is kept. */
const known = new Map<string, Place>()
const mostKnown = 20

function guessOnce(path: string): Place {
  const before = known.get(path)
  if (before) return before
  const place = guess(path)
  if (words.has(place.path.slice(1)) && path.length < 100) {
    if (known.size === mostKnown) known.clear()
    known.set(path, place)
  }
  return place
}

/** An app at `/media` has `/media/media/ID`: so what follows the word counts as well, where it can. */
function guess(path: string): { mount: string; path: string } {
  const parts = path.split('/')
  const places = parts.flatMap((part, at) => (words.has(part.toLowerCase()) ? [at] : []))
  const at = places.find((one) => isWhole(parts[one], parts[one + 1])) ?? places[0]
  const mount = parts.slice(0, at).join('/')
  // It goes into URLs: `//evil.example/media` is nothing that an app has.
  if (at === undefined || !isPlainPath(mount)) return { mount: '', path }
  return { mount, path: `/${parts.slice(at).join('/')}` }
}

function isWhole(word: string | undefined, id = ''): boolean {
  return word === 's3' || id === '' || isId(id)
}
