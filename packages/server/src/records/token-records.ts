import type { Kysely, Selectable } from 'kysely'
import type { People, TokenTable } from './people-schema.ts'
import { staysSignedIn } from './person-lock.ts'

export type TokenRow = Omit<Selectable<TokenTable>, 'token_hash'>

/** A token that holds, and whose it is. */
export interface FoundToken {
  id: string
  personId: string
  name: string
  owner: string
  usedAt: number | null
}

export interface TokenRecords {
  /**
   * @param session hash of the one that asks for it; undefined for those who run the server
   * @returns `ended` where the person was removed, or that session ended, while it was asked for: what ends all of somebody's
   * tokens ends those that are about to begin as well
   */
  add(
    token: Selectable<TokenTable>,
    session: string | undefined,
    most: number,
  ): Promise<'added' | 'name taken' | 'too many' | 'ended'>
  /** In the order in which they were made. */
  list(personId: string): Promise<TokenRow[]>
  /** Of a person who was not removed meanwhile. */
  find(tokenHash: string): Promise<FoundToken | undefined>
  use(id: string, at: number): Promise<void>
  /** @returns false where there is none */
  remove(id: string, personId: string): Promise<boolean>
  removeAllOf(personId: string): Promise<void>
}

export function createTokenRecords(db: Kysely<People>): TokenRecords {
  return {
    add(token, session, most) {
      return db.transaction().execute(async (trx) => {
        if (!(await staysSignedIn(trx, token.person_id, session))) return 'ended'
        const theirs = trx.selectFrom('token').where('person_id', '=', token.person_id)
        const names = await theirs.select('name').execute()
        if (names.some(({ name }) => name === token.name)) return 'name taken'
        if (names.length >= most) return 'too many'
        await trx.insertInto('token').values(token).execute()
        return 'added'
      })
    },
    async list(personId) {
      const rows = await db
        .selectFrom('token')
        .select(['id', 'person_id', 'name', 'created_at', 'used_at'])
        .where('person_id', '=', personId)
        .orderBy('created_at')
        .orderBy('id')
        .execute()
      return rows.map((row) => ({
        ...row,
        created_at: Number(row.created_at),
        used_at: row.used_at === null ? null : Number(row.used_at),
      }))
    },
    async find(tokenHash) {
      const row = await db
        .selectFrom('token')
        .innerJoin('person', 'person.id', 'token.person_id')
        .select(['token.id', 'token.used_at', 'person.id as personId', 'person.name', 'person.owner'])
        .where('token_hash', '=', tokenHash)
        .where('removed_at', 'is', null)
        .executeTakeFirst()
      if (!row) return undefined
      const { used_at, ...found } = row
      return { ...found, usedAt: used_at === null ? null : Number(used_at) }
    },
    async use(id, at) {
      await db.updateTable('token').set({ used_at: at }).where('id', '=', id).execute()
    },
    async remove(id, personId) {
      const token = db.deleteFrom('token').where('id', '=', id).where('person_id', '=', personId)
      return (await token.executeTakeFirst()).numDeletedRows > 0n
    },
    async removeAllOf(personId) {
      await db.deleteFrom('token').where('person_id', '=', personId).execute()
    },
  }
}
