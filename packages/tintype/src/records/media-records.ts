import type { Kysely } from 'kysely'
import { filtered, type MediaFilter } from './media-filter.ts'
import { inPages, type Page } from './media-pages.ts'
import { pairsOf } from './pairs.ts'
import { anyOwner, type Ledger, type MediaRow, type Owner, type VariantRow } from './schema.ts'

export interface MediaWithVariants {
  media: MediaRow
  variants: VariantRow[]
  /** The other half of a Live Photo, as it is now. */
  pairId?: string | undefined
}

/** What is needed to know where a media stands in a list by days. */
export type MediaOutline = Pick<
  MediaRow,
  'id' | 'created_at' | 'taken_order' | 'width' | 'height' | 'details'
>

/** What people and apps say of a media. */
export type MediaChange = Partial<Pick<MediaRow, 'caption' | 'alt' | 'data'>>

export interface MediaRecords {
  find(id: string, owner: Owner): Promise<MediaWithVariants | undefined>
  /** By keyset: the last page of a million rows costs what the first does. */
  list(filter: MediaFilter, page: Page): Promise<MediaWithVariants[]>
  /** The same by the time when they were taken, the last first, without what is shown of each. */
  outline(filter: MediaFilter, page: Pick<Page, 'limit' | 'after'>): Promise<MediaOutline[]>
  /** Reads as many entries of an index as it counts; of everybody's photos alone it reads the table. */
  count(filter: MediaFilter): Promise<number>
  /** The same with the other halves of Live Photos, as they are now. */
  withPairs(found: MediaWithVariants[]): Promise<MediaWithVariants[]>
  /** What the request with this Idempotency-Key has made, in the order of its files. */
  findByRequest(requestKey: string): Promise<MediaWithVariants[]>
  /**
   * Raises the revision. Of several that name the same revision, one succeeds.
   * @param revisions one of these it has to have
   * @returns false when there is no such media of this owner, or it has another revision
   */
  update(id: string, owner: Owner, change: MediaChange, revisions?: readonly number[]): Promise<boolean>
}

export function createMediaRecords(db: Kysely<Ledger>): MediaRecords {
  async function withVariants(rows: MediaRow[]): Promise<MediaWithVariants[]> {
    if (rows.length === 0) return []
    const ids = rows.map((row) => row.id)
    const variants = await db.selectFrom('variant').selectAll().where('media_id', 'in', ids).execute()
    const byMedia = Map.groupBy(variants, (variant) => variant.media_id)
    return withPairs(rows.map((media) => ({ media, variants: byMedia.get(media.id) ?? [] })))
  }

  async function withPairs(found: MediaWithVariants[]): Promise<MediaWithVariants[]> {
    const pairs = await pairsOf(
      db,
      found.map(({ media }) => media),
    )
    if (pairs.size === 0) return found
    return found.map((one) => {
      const pairId = pairs.get(one.media.id)
      return pairId === undefined ? one : { ...one, pairId }
    })
  }

  return {
    async find(id, owner) {
      let query = db.selectFrom('media').selectAll().where('id', '=', id)
      if (owner !== anyOwner) query = query.where('owner', '=', owner)
      return (await withVariants(await query.execute()))[0]
    },

    async list(filter, page) {
      return withVariants(await inPages(db.selectFrom('media').selectAll(), filter, page).execute())
    },

    async outline(filter, page) {
      const some = ['id', 'created_at', 'taken_order', 'width', 'height', 'details'] as const
      return inPages(db.selectFrom('media').select(some), filter, { ...page, taken: true }).execute()
    },

    async count(filter) {
      const all = filtered(db.selectFrom('media'), filter).select((e) => e.fn.countAll().as('count'))
      return Number((await all.executeTakeFirstOrThrow()).count)
    },

    withPairs,

    async findByRequest(requestKey) {
      const rows = await db
        .selectFrom('media')
        .selectAll()
        .where('request_key', '=', requestKey)
        .orderBy('request_index')
        .execute()
      return withVariants(rows)
    },

    async update(id, owner, change, revisions) {
      let query = db
        .updateTable('media')
        .set((e) => ({ ...change, revision: e('revision', '+', 1) }))
        .where('id', '=', id)
      if (revisions) query = query.where('revision', 'in', [...revisions, -1])
      if (owner !== anyOwner) query = query.where('owner', '=', owner)
      return (await query.executeTakeFirst()).numUpdatedRows > 0n
    },
  }
}
