import { type SelectQueryBuilder, sql } from 'kysely'
import { anyOwner, type Ledger, type MediaRow, type Owner } from './schema.ts'

/** Which media are meant: those that fulfil all of it. */
export interface MediaFilter {
  owner: Owner
  ids?: readonly string[] | undefined
  kind?: MediaRow['kind'] | undefined
  claimedBy?: string | undefined
  /** Created before this time, in milliseconds. */
  before?: number | undefined
  after?: number | undefined
}

export function filtered<Selected>(
  query: SelectQueryBuilder<Ledger, 'media', Selected>,
  { owner, ids, kind, claimedBy, before, after }: MediaFilter,
): SelectQueryBuilder<Ledger, 'media', Selected> {
  let some = query
  if (owner !== anyOwner) some = some.where('owner', '=', owner)
  if (ids) some = some.where('id', 'in', [...ids])
  // Written out: SQLite uses a partial index where the statement itself has its condition, not where a parameter may.
  if (kind !== undefined) some = some.where('kind', '=', sql.lit(kind))
  if (claimedBy !== undefined) some = some.where('claimed_by', '=', claimedBy)
  if (before !== undefined) some = some.where('created_at', '<', before)
  if (after !== undefined) some = some.where('created_at', '>', after)
  return some
}
