import { createHash } from 'node:crypto'
import { randomId } from 'tintype/internal/ids'

/** 128 random bits, for links and cookies. What is kept of them is a hash: a copy of the database opens nothing. */
export const makeSecret = randomId

/** Without a salt: of 128 random bits there is nothing to guess. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
