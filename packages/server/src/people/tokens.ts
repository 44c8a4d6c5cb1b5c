import type { Clock } from 'tintype/internal/clock'
import { TintypeError } from 'tintype/internal/errors'
import { randomId } from 'tintype/internal/ids'
import type { PeopleDatabase } from '../records/people-database.ts'
import { createTokenRecords, type FoundToken, type TokenRow } from '../records/token-records.ts'
import { readName } from './names.ts'
import { hashOf, makeSecret } from './secret.ts'

/**
 * Tokens by which programs of a person are let in: they may do what the person may with photos and albums, and nothing about
 * the person themselves.
 */
export interface Tokens {
  /**
   * @param session hash of the browser's that asks; undefined for those who run the server
   * @returns the token itself, which nobody can read again
   * @throws {TintypeError} `invalid_parameter`; `conflict` for a name that another has; `quota_exceeded`; `unauthenticated` where the
   * session has ended meanwhile
   */
  make(personId: string, name: string, session?: string): Promise<{ token: TokenRow; secret: string }>
  list(personId: string): Promise<TokenRow[]>
  /** Notes that it was used. */
  find(secret: string): Promise<FoundToken | undefined>
  /** @throws {TintypeError} `not_found` */
  revoke(personId: string, id: string): Promise<void>
  revokeAllOf(personId: string): Promise<void>
}

/** Says to people and to programs that look for secrets in code what it is. */
const prefix = 'tintype_'
const pattern = /^tintype_[\w-]{22}$/

/** Whether it has the form of a token of a person. */
export const isToken = (text: string): boolean => pattern.test(text)

/** Of one person: more are a program that has gone wrong. */
const mostTokens = 50
/** Milliseconds within which its use is noted once: each is a commit. */
const noted = 3_600_000

export function createTokens({ db }: Pick<PeopleDatabase, 'db'>, clock: Clock): Tokens {
  const records = createTokenRecords(db)
  return {
    async make(personId, given, session) {
      const name = readName(given)
      const secret = prefix + makeSecret()
      const token: TokenRow = {
        ...{ id: randomId(), person_id: personId, name },
        ...{ created_at: clock.now(), used_at: null },
      }
      const outcome = await records.add({ ...token, token_hash: hashOf(secret) }, session, mostTokens)
      if (outcome === 'added') return { token, secret }
      if (outcome === 'ended') throw new TintypeError('unauthenticated', 'Sign in again.')
      if (outcome === 'name taken')
        throw new TintypeError('conflict', `There is a token called ${name} already: take another name.`)
      throw new TintypeError('quota_exceeded', `There are ${mostTokens} tokens already: revoke one first.`, {
        limit: mostTokens,
      })
    },
    list: records.list,
    async find(secret) {
      const found = isToken(secret) ? await records.find(hashOf(secret)) : undefined
      const now = clock.now()
      if (found && now - (found.usedAt ?? Number.NEGATIVE_INFINITY) >= noted) await records.use(found.id, now)
      return found
    },
    async revoke(personId, id) {
      if (await records.remove(id, personId)) return
      throw new TintypeError('not_found', 'There is no such token.')
    },
    revokeAllOf: records.removeAllOf,
  }
}
