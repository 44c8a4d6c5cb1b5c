import type { Clock } from 'tintype/internal/clock'
import type { PeopleDatabase } from '../records/people-database.ts'
import type { PersonRow } from '../records/person-records.ts'
import { createSessionRecords, type SignedIn } from '../records/session-records.ts'
import { hashOf, makeSecret } from './secret.ts'

/** Browsers in which somebody is signed in. */
export interface BrowserSessions {
  /** @returns what the cookie holds: a new one for each sign-in, whatever a browser had before */
  begin(person: Pick<PersonRow, 'id'>): Promise<string>
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
    async begin({ id }) {
      const secret = makeSecret()
      const now = clock.now()
      await records.add({ idHash: hashOf(secret), personId: id, createdAt: now, expiresAt: now + unused })
      await records.forget(now)
      return secret
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
