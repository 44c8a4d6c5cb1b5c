import { type SelectQueryBuilder, sql } from 'kysely'
import { anyOwner, type Ledger, type MediaRow, type Owner } from './schema.ts'

/** Which media are meant: those that fulfil all of it. */
export interface MediaFilter {
  owner: Owner
  ids?: readonly string[] | undefined
  kind?: MediaRow['kind'] | undefined
  claimedBy?: string | undefined
  /** Created before this time, in milliseconds; in lists by the time when they were taken, taken before it. */
  before?: number | undefined
  after?: number | undefined
}

/** @param time by which of its times a media is before or after another */
export function filtered<Selected>(
  query: SelectQueryBuilder<Ledger, 'media', Selected>,
  { owner, ids, kind, claimedBy, before, after }: MediaFilter,
  time: 'created_at' | 'taken_order' = 'created_at',
): SelectQueryBuilder<Ledger, 'media', Selected> {
  let some = query
  if (owner !== anyOwner) some = some.where('owner', '=', owner)
  if (ids) some = some.where('id', 'in', [...ids])
  // Written out: SQLite uses a partial index where the statement itself has its condition, not where a parameter may.
  if (kind !== undefined) some = some.where('kind', '=', sql.lit(kind))
  if (claimedBy !== undefined) some = some.where('claimed_by', '=', claimedBy)
  if (before !== undefined) some = some.where(time, '<', before)
  if (after !== undefined) some = some.where(time, '>', after)
  return some
}
