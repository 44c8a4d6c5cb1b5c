import { type Kysely, sql } from 'kysely'
import type { Ledger, MediaRow } from './schema.ts'

const image = sql.lit('image' as const)
const video = sql.lit('video' as const)

/**
 * The other halves of these Live Photos. Nothing is kept of a pair: whichever half comes first, goes, or gets other bytes, it is
 * what is there now. Of several photos with one content identifier (a second upload, an edited copy) the first has the
 * video, and of several videos the first the photo; so a pair is one in both directions. Two entries of an index are read for
 * each half, however many copies there are, and nothing where there is none.
 *
 * @returns by the id of each half, the id of the other
 */
export async function pairsOf(db: Kysely<Ledger>, rows: readonly MediaRow[]): Promise<Map<string, string>> {
  const halves = rows.flatMap((row) => (row.content_id === null ? [] : [row.id]))
  if (halves.length === 0) return new Map()
  const found = await db
    .selectFrom('media')
    .where('media.id', 'in', halves)
    .select((media) => [
      'media.id',
      media
        .selectFrom('media as other')
        .select('other.id')
        .whereRef('other.owner', '=', 'media.owner')
        .whereRef('other.content_id', '=', 'media.content_id')
        .where((e) =>
          e('other.kind', '=', e.case().when('media.kind', '=', 'image').then(video).else(image).end()),
        )
        .orderBy('other.created_at')
        .orderBy('other.id')
        .limit(1)
        .as('other'),
      media
        .selectFrom('media as first')
        .select('first.id')
        .whereRef('first.owner', '=', 'media.owner')
        .whereRef('first.content_id', '=', 'media.content_id')
        .whereRef('first.kind', '=', 'media.kind')
        .orderBy('first.created_at')
        .orderBy('first.id')
        .limit(1)
        .as('first'),
    ])
    .execute()
  return new Map(
    found.flatMap(({ id, first, other }) => (first === id && other !== null ? [[id, other]] : [])),
  )
}
