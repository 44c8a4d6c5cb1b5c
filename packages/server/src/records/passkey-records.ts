import type { Kysely, Selectable } from 'kysely'
import type { PasskeyTable, People } from './people-schema.ts'
import { staysSignedIn } from './person-lock.ts'
import type { PersonRow } from './person-records.ts'

export type PasskeyRow = Selectable<PasskeyTable>

/** Whose it is, as a session begins with it. */
export type PasskeyPerson = Pick<PersonRow, 'id' | 'owner' | 'password'>

export interface PasskeyRecords {
  /** Whether somebody has one. */
  any(): Promise<boolean>
  /**
   * @param session hash of the one that asks
   * @returns `ended` where the person was removed, or that session has ended, meanwhile
   */
  add(passkey: PasskeyRow, session: string, most: number): Promise<'added' | 'known' | 'too many' | 'ended'>
  /** In the order in which they were made. */
  list(personId: string): Promise<PasskeyRow[]>
  /** With its person, who was not removed meanwhile. */
  find(id: string): Promise<{ passkey: PasskeyRow; person: PasskeyPerson } | undefined>
  /**
   * @param counter how often its device says that it has signed; 0 of devices that don't count
   * @returns false where it was removed meanwhile, or has signed as often already: a copy of it is about
   */
  use(id: string, counter: number, at: number): Promise<boolean>
  /** @returns false where there is none */
  remove(id: string, personId: string): Promise<boolean>
  /** Forgets those that have expired, too. */
  challenge(
    challenge: { hash: string; personId: string | null; expiresAt: number },
    now: number,
  ): Promise<void>
  /** Uses it up: of several that try at once, one succeeds. */
  take(hash: string, personId: string | null, now: number): Promise<boolean>
}

export function createPasskeyRecords(db: Kysely<People>): PasskeyRecords {
  return {
    async any() {
      return (await db.selectFrom('passkey').select('id').limit(1).execute()).length > 0
    },
    add(passkey, session, most) {
      return db.transaction().execute(async (trx) => {
        if (!(await staysSignedIn(trx, passkey.person_id, session))) return 'ended'
        const theirs = trx.selectFrom('passkey').where('person_id', '=', passkey.person_id)
        if ((await theirs.select('id').execute()).length >= most) return 'too many'
        const { numInsertedOrUpdatedRows } = await trx
          .insertInto('passkey')
          .values(passkey)
          .onConflict((c) => c.doNothing())
          .executeTakeFirst()
        return Number(numInsertedOrUpdatedRows) > 0 ? 'added' : 'known'
      })
    },
    async list(personId) {
      const theirs = db.selectFrom('passkey').selectAll().where('person_id', '=', personId)
      return (await theirs.orderBy('created_at').orderBy('id').execute()).map(toRow)
    },
    async find(id) {
      const found = await db.selectFrom('passkey').selectAll().where('id', '=', id).executeTakeFirst()
      const person =
        found &&
        (await db
          .selectFrom('person')
          .select(['id', 'owner', 'password'])
          .where('id', '=', found.person_id)
          .where('removed_at', 'is', null)
          .executeTakeFirst())
      return person && { passkey: toRow(found), person }
    },
    async use(id, counter, at) {
      const passkey = db.updateTable('passkey').set({ counter, used_at: at }).where('id', '=', id)
      const used = passkey.where((e) => e.or([e('counter', '<', counter), e('counter', '=', 0)]))
      return (await used.executeTakeFirst()).numUpdatedRows > 0n
    },
    async remove(id, personId) {
      const passkey = db.deleteFrom('passkey').where('id', '=', id).where('person_id', '=', personId)
      return (await passkey.executeTakeFirst()).numDeletedRows > 0n
    },
    async challenge({ hash, personId, expiresAt }, now) {
      await db.deleteFrom('challenge').where('expires_at', '<=', now).execute()
      const row = { challenge_hash: hash, person_id: personId, expires_at: expiresAt }
      await db.insertInto('challenge').values(row).execute()
    },
    async take(hash, personId, now) {
      const { numDeletedRows } = await db
        .deleteFrom('challenge')
        .where('challenge_hash', '=', hash)
        .where('person_id', personId === null ? 'is' : '=', personId)
        .where('expires_at', '>', now)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },
  }
}

function toRow(row: PasskeyRow): PasskeyRow {
  return {
    ...row,
    ...{ counter: Number(row.counter), created_at: Number(row.created_at) },
    used_at: row.used_at === null ? null : Number(row.used_at),
  }
}
