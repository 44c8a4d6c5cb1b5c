import type { Kysely, Selectable } from 'kysely'
import type { People, PersonTable } from './people-schema.ts'
import { staysSignedIn } from './person-lock.ts'

export type PersonRow = Selectable<PersonTable>

/** The people who may sign in, and their invitations. */
export interface PersonRecords {
  /** Whether there has ever been one. */
  any(): Promise<boolean>
  /** In the order in which they came, without those who were removed. */
  list(): Promise<PersonRow[]>
  /** Also of those who were removed. */
  find(nameKey: string): Promise<PersonRow | undefined>
  /** @returns false when there is one of this name already */
  add(person: PersonRow): Promise<boolean>
  /** Brings one back who was removed, under the name as it is written now. */
  bringBack(id: string, name: string): Promise<void>
  /** Takes the right to sign in: ends sessions, tokens, passkeys, password and invitations. Of somebody who is removed, the links that they have shared, too. */
  lockOut(id: string, removedAt: number | null): Promise<void>
  /** In the place of earlier ones of this person. */
  invite(invitation: { tokenHash: string; personId: string; expiresAt: number }): Promise<void>
  /** The person whom this invites, while it holds. */
  invited(tokenHash: string, now: number): Promise<PersonRow | undefined>
  /** Uses the invitation up and sets the password, or neither: of several that try at once, one succeeds. Ends all sessions. */
  accept(tokenHash: string, now: number, password: string): Promise<PersonRow | undefined>
  /**
   * Sets the password and ends all sessions but this one, or does neither: of several that try at once, one succeeds.
   * @param session hash of the one that asks
   * @param change both as they are stored
   * @returns false where the session has ended, or the password before is another one meanwhile
   */
  changePassword(
    personId: string,
    session: string,
    change: { before: string | null; after: string },
  ): Promise<boolean>
}

export function createPersonRecords(db: Kysely<People>): PersonRecords {
  const toRow = (row: PersonRow): PersonRow => ({
    ...row,
    created_at: Number(row.created_at),
    removed_at: row.removed_at === null ? null : Number(row.removed_at),
  })
  return {
    async any() {
      return (await db.selectFrom('person').select('id').limit(1).execute()).length > 0
    },
    async list() {
      const rows = await db
        .selectFrom('person')
        .selectAll()
        .where('removed_at', 'is', null)
        .orderBy('created_at')
        .orderBy('id')
        .execute()
      return rows.map(toRow)
    },
    async find(nameKey) {
      const row = await db.selectFrom('person').selectAll().where('name_key', '=', nameKey).executeTakeFirst()
      return row && toRow(row)
    },
    async add(person) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('person')
        .values(person)
        .onConflict((c) => c.doNothing())
        .executeTakeFirst()
      return Number(numInsertedOrUpdatedRows) > 0
    },
    async bringBack(id, name) {
      await db.updateTable('person').set({ name, removed_at: null }).where('id', '=', id).execute()
    },
    async lockOut(id, removedAt) {
      await db.transaction().execute(async (trx) => {
        await trx
          .updateTable('person')
          .set({ password: null, removed_at: removedAt })
          .where('id', '=', id)
          .execute()
        await trx.deleteFrom('invitation').where('person_id', '=', id).execute()
        await trx.deleteFrom('session').where('person_id', '=', id).execute()
        await trx.deleteFrom('token').where('person_id', '=', id).execute()
        await trx.deleteFrom('passkey').where('person_id', '=', id).execute()
        // An owner is who can end them, and this one can not sign in any more.
        if (removedAt !== null) await endLinks(trx, id, removedAt)
      })
    },
    async invite({ tokenHash, personId, expiresAt }) {
      await db.transaction().execute(async (trx) => {
        await trx.deleteFrom('invitation').where('person_id', '=', personId).execute()
        const row = { token_hash: tokenHash, person_id: personId, expires_at: expiresAt }
        await trx.insertInto('invitation').values(row).execute()
      })
    },
    async invited(tokenHash, now) {
      const row = await db
        .selectFrom('invitation')
        .innerJoin('person', 'person.id', 'invitation.person_id')
        .selectAll('person')
        .where('token_hash', '=', tokenHash)
        .where('expires_at', '>', now)
        .where('removed_at', 'is', null)
        .executeTakeFirst()
      return row && toRow(row)
    },
    accept(tokenHash, now, password) {
      return db.transaction().execute(async (trx) => {
        const used = await trx
          .deleteFrom('invitation')
          .where('token_hash', '=', tokenHash)
          .where('expires_at', '>', now)
          .returning('person_id')
          .executeTakeFirst()
        if (!used) return undefined
        const row = await trx
          .updateTable('person')
          .set({ password })
          .where('id', '=', used.person_id)
          .where('removed_at', 'is', null)
          .returningAll()
          .executeTakeFirst()
        await trx.deleteFrom('session').where('person_id', '=', used.person_id).execute()
        return row && toRow(row)
      })
    },
    changePassword(personId, session, { before, after }) {
      return db.transaction().execute(async (trx) => {
        if (!(await staysSignedIn(trx, personId, session))) return false
        const { numUpdatedRows } = await trx
          .updateTable('person')
          .set({ password: after })
          .where('id', '=', personId)
          .where('password', '=', before)
          .executeTakeFirst()
        if (numUpdatedRows === 0n) return false
        const others = trx.deleteFrom('session').where('person_id', '=', personId)
        await others.where('id_hash', '!=', session).execute()
        return true
      })
    },
  }
}

/** All by which this person shares albums: they do not hold again when the person comes back. */
async function endLinks(trx: Kysely<People>, personId: string, now: number): Promise<void> {
  const albums = trx
    .selectFrom('album')
    .innerJoin('person', 'person.owner', 'album.owner')
    .select('album.id')
    .where('person.id', '=', personId)
  await trx
    .updateTable('link')
    .set({ revoked_at: now })
    .where('revoked_at', 'is', null)
    .where('album_id', 'in', albums)
    .execute()
}
