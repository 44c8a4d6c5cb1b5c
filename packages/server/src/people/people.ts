import type { Clock } from 'tintype/internal/clock'
import { TintypeError } from 'tintype/internal/errors'
import { thisMachinesOwner } from 'tintype/internal/http/this-machine'
import { randomId } from 'tintype/internal/ids'
import type { PeopleDatabase } from '../records/people-database.ts'
import { createPersonRecords, type PersonRow } from '../records/person-records.ts'
import { nameKey, readName } from './names.ts'
import { demandPassword, hashPassword, isPassword } from './password.ts'
import { hashOf, makeSecret } from './secret.ts'

/** The people who may sign in. */
export interface People {
  /**
   * Whether there has ever been one: then everybody has to sign in. Once true it stays so; until then it is looked up once a
   * second at the most, since `tintype user add` may come while the server runs.
   */
  any(): Promise<boolean>
  list(): Promise<PersonRow[]>
  /** @throws {TintypeError} `not_found` */
  demand(name: string): Promise<PersonRow>
  /**
   * The first of all gets the photos that are there already. One who was removed comes back to their own.
   * @throws {TintypeError} `conflict` when there is one of this name; `invalid_parameter`
   */
  add(name: string): Promise<{ person: PersonRow; isFirst: boolean; isBack: boolean }>
  /** Ends sessions, tokens, passkeys and password. Their photos stay where they are. @throws {TintypeError} `not_found` */
  remove(name: string): Promise<PersonRow>
  /** The same, for one who goes on with a new password. @throws {TintypeError} `not_found` */
  reset(name: string): Promise<PersonRow>
  /** A token for a link that works once, within {@link invitationAge}; earlier ones of this person end. */
  invite(person: PersonRow): Promise<string>
  /** The person whom a token invites, as long as it holds. */
  invited(token: string): Promise<PersonRow | undefined>
  /** Uses the invitation up. @throws {TintypeError} `gone`; `invalid_parameter` for a password that is none */
  accept(token: string, password: unknown): Promise<PersonRow>
  /** Takes as long for a name that nobody has as for a wrong password. @returns undefined for both */
  withPassword(name: string, password: string): Promise<PersonRow | undefined>
  /**
   * Sets another password, and ends all sessions but this one.
   *
   * @param person as they were found by the present password
   * @param session hash of the browser's that asks
   * @throws {TintypeError} `invalid_parameter` for a password that is none; `unauthenticated` where the session has ended, or the
   * present password was changed or taken, meanwhile
   */
  changePassword(
    person: Pick<PersonRow, 'id' | 'password'>,
    session: string,
    password: unknown,
  ): Promise<void>
}

/** Milliseconds. */
export const invitationAge = 7 * 86_400_000

/** Milliseconds for which an answer of "there is nobody" holds. */
const freshness = 1000

export function createPeople({ db }: Pick<PeopleDatabase, 'db'>, clock: Clock): People {
  const records = createPersonRecords(db)
  let someone = false
  let lookedAt = Number.NEGATIVE_INFINITY

  async function demand(name: string): Promise<PersonRow> {
    const person = await records.find(nameKey(name))
    if (person && person.removed_at === null) return person
    throw new TintypeError('not_found', `There is nobody called ${JSON.stringify(name)}.`)
  }

  return {
    async any() {
      if (someone || clock.now() - lookedAt < freshness) return someone
      someone = await records.any()
      lookedAt = clock.now()
      return someone
    },
    list: records.list,
    demand,

    async add(given) {
      const name = readName(given)
      const key = nameKey(name)
      const before = await records.find(key)
      if (before?.removed_at === null)
        throw new TintypeError(
          'conflict',
          `There is somebody called ${before.name} already: take another name, or make a new link with \`tintype user reset\`.`,
        )
      if (before) {
        await records.bringBack(before.id, name)
        return { person: { ...before, name, removed_at: null }, isFirst: false, isBack: true }
      }
      const isFirst = !(await records.any())
      const id = randomId()
      const owner = isFirst ? thisMachinesOwner : id
      const fixed = { id, name, name_key: key, owner, created_at: clock.now() }
      const person: PersonRow = { ...fixed, password: null, removed_at: null }
      if (!(await records.add(person)))
        throw new TintypeError('conflict', 'Somebody else was added at the same moment. Try again.')
      return { person, isFirst, isBack: false }
    },

    async remove(name) {
      const person = await demand(name)
      await records.lockOut(person.id, clock.now())
      return person
    },
    async reset(name) {
      const person = await demand(name)
      await records.lockOut(person.id, null)
      return person
    },

    async invite({ id }) {
      const token = makeSecret()
      await records.invite({
        tokenHash: hashOf(token),
        personId: id,
        expiresAt: clock.now() + invitationAge,
      })
      return token
    },
    invited: (token) => records.invited(hashOf(token), clock.now()),
    async accept(token, password) {
      demandPassword(password)
      const tokenHash = hashOf(token)
      // Before the work of hashing: a token that is none costs nothing.
      const isThere = (await records.invited(tokenHash, clock.now())) !== undefined
      const hashed = isThere ? await hashPassword(password) : ''
      const person = isThere ? await records.accept(tokenHash, clock.now(), hashed) : undefined
      if (person) return person
      throw new TintypeError(
        'gone',
        'This invitation was used already, or has expired. Ask for a new one where it came from.',
      )
    },

    async withPassword(name, password) {
      const found = await records.find(nameKey(name))
      const person = found?.removed_at === null ? found : undefined
      return (await isPassword(password, person?.password)) ? person : undefined
    },

    async changePassword({ id, password: before }, session, password) {
      demandPassword(password)
      const change = { before, after: await hashPassword(password) }
      if (await records.changePassword(id, session, change)) return
      throw new TintypeError('unauthenticated', 'Sign in again.')
    },
  }
}
