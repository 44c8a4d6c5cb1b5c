import type { Kysely } from 'kysely'
import type { People } from './people-schema.ts'

/**
 * Until the transaction ends nobody locks this person out, nor ends this session: what is added now by somebody who is signed in
 * is there when all of theirs is ended, or is not added.
 *
 * @param session hash of the one that asks; undefined for those who run the server
 * @returns false where the person was removed, or the session has ended
 */
export async function staysSignedIn(
  trx: Kysely<People>,
  personId: string,
  session: string | undefined,
): Promise<boolean> {
  // Updates that change nothing wait for those that do, and keep the next ones waiting.
  const { numUpdatedRows } = await trx
    .updateTable('person')
    .set((e) => ({ name: e.ref('name') }))
    .where('id', '=', personId)
    .where('removed_at', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  if (session === undefined) return true
  const row = trx.updateTable('session').set((e) => ({ person_id: e.ref('person_id') }))
  const its = row.where('id_hash', '=', session).where('person_id', '=', personId)
  return (await its.executeTakeFirst()).numUpdatedRows > 0n
}
