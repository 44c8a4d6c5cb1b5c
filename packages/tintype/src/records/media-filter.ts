import { type Expression, expressionBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely'
import { anyOwner, type Ledger, type MediaRow, type Owner } from './schema.ts'

/** Which media are meant: those that fulfil all of it. */
export interface MediaFilter {
  owner: Owner
  ids?: readonly string[] | undefined
  kind?: MediaRow['kind'] | undefined
  claimedBy?: string | undefined
  /** Of what was sent. */
  sha256?: readonly string[] | undefined
  /** Created before this time, in milliseconds; in lists by the time when they were taken, taken before it. */
  before?: number | undefined
  after?: number | undefined
  /** Each of these has to be found. */
  sought?: readonly Sought[] | undefined
}

/** Found where each of the words stands in the name or in the caption, or in what was taken then. */
export interface Sought {
  words: readonly string[]
  taken?: TakenThen | undefined
}

export interface TakenThen {
  /** A day, month or year as clocks showed it there: `2026-09-14`, `2026-09`, `2026`, or `--09-14` in any year. */
  date: string
  /** The same for what has an instant alone, in milliseconds: in one of these. */
  spans: readonly { from: number; before: number }[]
}

/** @param time by which of its times a media is before or after another */
export function filtered<Selected>(
  query: SelectQueryBuilder<Ledger, 'media', Selected>,
  { owner, ids, kind, claimedBy, sha256, before, after, sought = [] }: MediaFilter,
  time: 'created_at' | 'taken_order' = 'created_at',
): SelectQueryBuilder<Ledger, 'media', Selected> {
  let some = query
  if (owner !== anyOwner) some = some.where('owner', '=', owner)
  if (ids) some = some.where('id', 'in', [...ids])
  // Written out: SQLite uses a partial index where the statement itself has its condition, not where a parameter may.
  if (kind !== undefined) some = some.where('kind', '=', sql.lit(kind))
  if (claimedBy !== undefined) some = some.where('claimed_by', '=', claimedBy)
  // As the index has it.
  if (sha256) some = some.where(sql<string>`coalesce(sent_sha256, sha256)`, 'in', [...sha256])
  if (before !== undefined) some = some.where(time, '<', before)
  if (after !== undefined) some = some.where(time, '>', after)
  for (const one of sought) some = some.where(isFound(one))
  return some
}

function isFound({ words, taken }: Sought): Expression<SqlBool> {
  const e = expressionBuilder<Ledger, 'media'>()
  const isNamed = e.and(
    words.map((word) =>
      e.or(patternsOf(word).flatMap((pattern) => [like('name', pattern), like('caption', pattern)])),
    ),
  )
  return taken ? e.or([isNamed, wasTaken(taken)]) : isNamed
}

/**
 * As `keepDetails` writes them, `details` begin with the time; where that is an instant, it ends in Z. Those without a time of
 * their own have the instant when they came.
 */
function wasTaken({ date, spans }: TakenThen): Expression<SqlBool> {
  const e = expressionBuilder<Ledger, 'media'>()
  const details = e.fn.coalesce('details', sql.lit(''))
  const isInstant = e(details, 'like', '{"takenAt":{"time":"%Z","from":%')
  return e.or([
    e.and([e(details, 'like', `{"takenAt":{"time":"${date.replace(/^-/, '____')}%`), e.not(isInstant)]),
    e.and([
      e.or(
        spans.map(({ from, before }) => e.and([e('taken_order', '>=', from), e('taken_order', '<', before)])),
      ),
      e.or([isInstant, e(details, 'not like', '{"takenAt":%')]),
    ]),
  ])
}

const like = (column: 'name' | 'caption', pattern: string) =>
  sql<boolean>`lower(${sql.ref(column)}) like ${pattern} escape '\\'`

/**
 * SQLite, and Postgres in the locale C, know capitals of English alone: so that `österreich` is found in `Österreich` and
 * `ÖSTERREICH`, a word with other letters is looked for as people write it.
 */
function patternsOf(word: string): string[] {
  const small = word.toLowerCase()
  const large = word.toUpperCase()
  const [first = ''] = small
  const ways = [small, large, first.toUpperCase() + small.slice(first.length)]
  const lowered = ways.map((way) => way.replace(/[A-Z]/g, (letter) => letter.toLowerCase()))
  return [...new Set(lowered)].map((way) => `%${way.replace(/[\\%_]/g, '\\$&')}%`)
}
