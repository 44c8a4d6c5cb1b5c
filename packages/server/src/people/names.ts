import { TintypeError } from 'tintype/internal/errors'

const longestName = 60

/** @throws {TintypeError} `invalid_parameter` */
export function readName(given: string): string {
  const name = given.normalize('NFC').trim().replace(/\s+/g, ' ')
  if (isName(name)) return name
  throw new TintypeError(
    'invalid_parameter',
    `A name has 1 to ${longestName} characters, and no control characters.`,
    { limit: longestName },
  )
}

function isName(name: string): boolean {
  return name !== '' && [...name].length <= longestName && !/[\p{C}]/u.test(name)
}

/**
 * By which people are looked up. Capitals, spaces and other forms of the same letters make no difference: `Ann`, `ann` and `Ａｎｎ`
 * are one person. What nobody can be called has the key of nobody, whatever bytes are in it: Postgres takes no NUL.
 */
export function nameKey(given: string): string {
  const key = given.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase()
  return /[\p{C}]/u.test(key) ? '' : [...key].slice(0, 200).join('')
}
