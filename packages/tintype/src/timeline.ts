import { type Timeline, type TimelinePage, uprightSize } from '@tintype/protocol'
import { shownDetails } from './inspect/details/kept-details.ts'
import { formatCursor, type MediaSearch, toFilter } from './media-query.ts'
import { ownTurn } from './own-turn.ts'
import type { MediaOutline, MediaRecords } from './records/media-records.ts'
import { daysIn } from './search/days.ts'

/** Rows that are read at a time: while SQLite reads, nothing else is answered. */
const rowsAtOnce = 1000
const shortestPage = 30
const longestPage = 200

/**
 * Where each photo of an owner stands, in a few bytes for each. Reads all of them, 1000 at a time.
 *
 * @param search as in lists. In its zone those have their day whose place on earth is not known
 * @throws {TintypeError} `invalid_parameter`
 */
export async function readTimeline(
  records: Pick<MediaRecords, 'outline'>,
  owner: string,
  search: MediaSearch,
  signal?: AbortSignal,
): Promise<Timeline> {
  const dayIn = daysIn(search.zone ?? 'UTC')
  const filter = toFilter(owner, search)
  const pages: TimelinePage[] = []
  let page: TimelinePage | undefined
  let last: MediaOutline | undefined
  let total = 0
  for (;;) {
    await ownTurn()
    signal?.throwIfAborted()
    const rows = await records.outline(filter, { limit: rowsAtOnce, after: last && positionOf(last) })
    for (const row of rows) {
      if (!page || isEnd(page, last)) {
        page = {
          cursor: last ? formatCursor(positionOf(last)) : null,
          from: Number(row.taken_order),
          days: [],
          ratios: [],
        }
        pages.push(page)
      }
      const date = dateOf(row, dayIn)
      const day = page.days.at(-1)
      if (day?.date === date) day.count++
      else page.days.push({ date, count: 1 })
      page.ratios.push(ratioOf(row))
      last = row
    }
    total += rows.length
    if (rows.length < rowsAtOnce) return { total, pages }
  }
}

/**
 * Ids are random, so that each is the last of its page with the same probability, whatever comes before it: pages would all be others
 * after each upload if they were counted off.
 */
function isEnd({ ratios: { length } }: TimelinePage, last: MediaOutline | undefined): boolean {
  return length >= longestPage || (length >= shortestPage && /^[AQgw]/.test(last?.id ?? ''))
}

const positionOf = ({ id, created_at, taken_order }: MediaOutline) => ({
  id,
  createdAt: Number(created_at),
  takenOrder: Number(taken_order),
})

function ratioOf({ details, width, height }: MediaOutline): number {
  const { turned = false } = shownDetails(details)
  const upright = uprightSize({ width, height, turned })
  return Math.round((100 * upright.width) / upright.height) || 100
}

/** What clocks showed where it was taken; where that is not known, those of the viewer. */
function dateOf({ details, taken_order }: MediaOutline, dayIn: (time: number) => string): string {
  const { takenAt } = shownDetails(details)
  return takenAt !== undefined && !takenAt.endsWith('Z') ? takenAt.slice(0, 10) : dayIn(Number(taken_order))
}
