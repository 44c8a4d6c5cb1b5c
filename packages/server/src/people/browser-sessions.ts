import type { Clock } from 'tintype/internal/clock'
import type { PeopleDatabase } from '../records/people-database.ts'
import type { PersonRow } from '../records/person-records.ts'
import { createSessionRecords, type SignedIn } from '../records/session-records.ts'
import { hashOf, makeSecret } from './secret.ts'

/** Browsers in which somebody is signed in. */
export interface BrowserSessions {
  /**
   * @param person as they were found when their password was looked at
   * @returns what the cookie holds: a new one for each sign-in, whatever a browser had before. Undefined where the password was
   * taken or the person removed meanwhile
   */
  begin(person: Pick<PersonRow, 'id' | 'password'>): Promise<string | undefined>
  /** The session of this cookie; using it keeps it. */
  find(secret: string): Promise<SignedIn | undefined>
  end(secret: string): Promise<void>
  /** In every browser. */
  endAllOf(personId: string): Promise<void>
}

const day = 86_400_000
/** Of a session that nobody uses. Milliseconds. */
const unused = 30 * day
/** However much it is used. Milliseconds. */
export const longestSession = 180 * day

export function createBrowserSessions({ db }: Pick<PeopleDatabase, 'db'>, clock: Clock): BrowserSessions {
  const records = createSessionRecords(db)
  return {
    async begin(person) {
      const secret = makeSecret()
      const now = clock.now()
      const session = { idHash: hashOf(secret), createdAt: now, expiresAt: now + unused }
      const isAdded = await records.add(session, person)
      await records.forget(now)
      return isAdded ? secret : undefined
    },
    async find(secret) {
      const idHash = hashOf(secret)
      const now = clock.now()
      const session = await records.find(idHash, now)
      if (!session) return undefined
      const expiresAt = Math.min(now + unused, session.createdAt + longestSession)
      // Once a day at the most: a gallery asks often, and each of these is a commit.
      if (expiresAt - session.expiresAt >= day) await records.extend(idHash, expiresAt)
      return session
    },
    end: (secret) => records.remove(hashOf(secret)),
    endAllOf: records.removeAllOf,
  }
}
