import type { SelectQueryBuilder } from 'kysely'
import { filtered, type MediaFilter } from './media-filter.ts'
import type { Ledger } from './schema.ts'

/** Where a page ends: the last row's time and id. */
export interface Position {
  createdAt: number
  id: string
  /** In lists by the time when media were taken. */
  takenOrder?: number | undefined
}

export interface Page {
  limit: number
  /** By the time when they were taken, not when they came. */
  taken?: boolean | undefined
  oldest?: boolean | undefined
  after?: Position | undefined
}

/** By keyset. */
export function inPages<Selected>(
  select: SelectQueryBuilder<Ledger, 'media', Selected>,
  filter: MediaFilter,
  { limit, taken = false, oldest = false, after }: Page,
): SelectQueryBuilder<Ledger, 'media', Selected> {
  const direction = oldest ? 'asc' : 'desc'
  const time = taken ? 'taken_order' : 'created_at'
  let query = filtered(select, filter, time).limit(limit)
  if (taken) query = query.orderBy('taken_order', direction)
  query = query.orderBy('created_at', direction).orderBy('id', direction)
  if (!after) return query
  const { takenOrder, createdAt, id } = after
  const beyond = oldest ? '>' : '<'
  return query.where((e) =>
    takenOrder === undefined
      ? e(e.refTuple('created_at', 'id'), beyond, e.tuple(createdAt, id))
      : e(e.refTuple('taken_order', 'created_at', 'id'), beyond, e.tuple(takenOrder, createdAt, id)),
  )
}
