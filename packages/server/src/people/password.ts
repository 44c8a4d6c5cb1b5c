import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { longestPassword, shortestPassword } from '@tintype/protocol'
import { TintypeError } from 'tintype/internal/errors'

/**
 * Passwords by scrypt (RFC 7914), which is Node's own. 32 MiB and about 0.2 s of one core each, as OWASP advises; the
 * parameters are kept with each hash, so that these can be raised. See decisions/0278.
 */
const strength = { N: 2 ** 15, r: 8, p: 3 }
const length = 32

/** Those who wait for their turn. */
const mostWaiting = 20

/** One at a time: each takes memory that uploads count on, and a core. */
let last: Promise<unknown> = Promise.resolve()
let waiting = 0

/** @throws {TintypeError} `invalid_parameter` */
export function demandPassword(password: unknown): asserts password is string {
  if (typeof password !== 'string' || [...password].length < shortestPassword)
    throw new TintypeError(
      'invalid_parameter',
      `The password is too short: it has to have ${shortestPassword} characters or more.`,
      { limit: shortestPassword },
    )
  if (password.length > longestPassword)
    throw new TintypeError(
      'invalid_parameter',
      `The password is too long: it may have ${longestPassword} characters.`,
      { limit: longestPassword },
    )
}

/** @returns what is stored: `scrypt$N$r$p$salt$hash` */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await inTurn(() => derive(password, salt, strength))
  const { N, r, p } = strength
  return ['scrypt', N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$')
}

/**
 * @param stored undefined where there is nobody of this name, or no password: that takes as long as a wrong one
 * @throws {TintypeError} `overloaded` when too many wait already
 */
export async function isPassword(given: string, stored: string | null | undefined): Promise<boolean> {
  const known = stored?.split('$') ?? []
  const [, N = strength.N, r = strength.r, p = strength.p, salt = '', hash = ''] = known
  const text = given.length > longestPassword ? '' : given
  const parameters = { N: Number(N), r: Number(r), p: Number(p) }
  const derived = await inTurn(() => derive(text, Buffer.from(salt, 'base64url'), parameters))
  const expected = Buffer.from(hash, 'base64url')
  return text !== '' && expected.length === derived.length && timingSafeEqual(expected, derived)
}

function derive(password: string, salt: Buffer, { N, r, p }: typeof strength): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  // The same letters, however a keyboard composes them.
  const text = password.normalize('NFC')
  const maxmem = 2 ** 20 + 256 * N * r
  scrypt(text, salt, length, { N, r, p, maxmem }, (error, key) => (error ? reject(error) : resolve(key)))
  return promise
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (waiting >= mostWaiting)
    throw new TintypeError('overloaded', 'Too many people sign in at once. Try again in a moment.')
  waiting += 1
  const turn = last.then(work)
  last = turn.catch(() => {})
  try {
    return await turn
  } finally {
    waiting -= 1
  }
}
