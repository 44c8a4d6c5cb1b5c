import { TintypeError } from 'tintype/internal/errors'

const longestName = 60

/** @throws {TintypeError} `invalid_parameter` */
export function readName(given: string): string {
  const name = given.normalize('NFC').trim().replace(/\s+/g, ' ')
  if (name !== '' && [...name].length <= longestName && !/[\p{C}]/u.test(name)) return name
  throw new TintypeError(
    'invalid_parameter',
    `A name has 1 to ${longestName} characters, and no control characters.`,
    { limit: longestName },
  )
}

/** Capitals, spaces and look-alike letters make no difference: `Ann` and `ann` are one person. */
export function nameKey(given: string): string {
  return given.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase().slice(0, 200)
}
