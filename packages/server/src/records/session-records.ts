import type { Kysely } from 'kysely'
import type { People } from './people-schema.ts'
import type { PersonRow } from './person-records.ts'

/** A session that holds, and whose it is. */
export interface SignedIn {
  personId: string
  name: string
  owner: string
  createdAt: number
  expiresAt: number
}

export interface SessionRecords {
  /**
   * @param by whose password was given: nothing is added where it was changed or taken, or the person removed, while it was looked
   * at, so that what ends all sessions ends those that are about to begin as well
   * @returns whether it was added
   */
  add(
    session: { idHash: string; createdAt: number; expiresAt: number },
    by: Pick<PersonRow, 'id' | 'password'>,
  ): Promise<boolean>
  /** Of a person who was not removed meanwhile. */
  find(idHash: string, now: number): Promise<SignedIn | undefined>
  extend(idHash: string, expiresAt: number): Promise<void>
  remove(idHash: string): Promise<void>
  removeAllOf(personId: string): Promise<void>
  /** Those that have expired. */
  forget(now: number): Promise<void>
}

export function createSessionRecords(db: Kysely<People>): SessionRecords {
  return {
    add({ idHash, createdAt, expiresAt }, { id, password }) {
      const row = { id_hash: idHash, person_id: id, created_at: createdAt, expires_at: expiresAt }
      return db.transaction().execute(async (trx) => {
        // An update that changes nothing waits for one that does, and keeps the next one waiting.
        const { numUpdatedRows } = await trx
          .updateTable('person')
          .set({ password })
          .where('id', '=', id)
          .where('password', '=', password)
          .where('removed_at', 'is', null)
          .executeTakeFirst()
        if (numUpdatedRows === 0n) return false
        await trx.insertInto('session').values(row).execute()
        return true
      })
    },
    async find(idHash, now) {
      const row = await db
        .selectFrom('session')
        .innerJoin('person', 'person.id', 'session.person_id')
        .select(['person.id', 'person.name', 'person.owner', 'session.created_at', 'session.expires_at'])
        .where('id_hash', '=', idHash)
        .where('expires_at', '>', now)
        .where('removed_at', 'is', null)
        .executeTakeFirst()
      return (
        row && {
          ...{ personId: row.id, name: row.name, owner: row.owner },
          createdAt: Number(row.created_at),
          expiresAt: Number(row.expires_at),
        }
      )
    },
    async extend(idHash, expiresAt) {
      await db.updateTable('session').set({ expires_at: expiresAt }).where('id_hash', '=', idHash).execute()
    },
    async remove(idHash) {
      await db.deleteFrom('session').where('id_hash', '=', idHash).execute()
    },
    async removeAllOf(personId) {
      await db.deleteFrom('session').where('person_id', '=', personId).execute()
    },
    async forget(now) {
      await db.deleteFrom('session').where('expires_at', '<=', now).execute()
    },
  }
}
