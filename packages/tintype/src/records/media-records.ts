import type { Kysely } from 'kysely'
import { anyOwner, type Ledger, type MediaRow, type Owner, type VariantRow } from './schema.ts'

export interface MediaWithVariants {
  media: MediaRow
  variants: VariantRow[]
}

/** Where a page ends: the last row's time and id. */
export interface Position {
  createdAt: number
  id: string
}

export interface MediaRecords {
  find(id: string, owner: Owner): Promise<MediaWithVariants | undefined>
  /** Newest first, by keyset: the last page of a million rows costs what the first does. */
  list(owner: string, limit: number, after?: Position): Promise<MediaWithVariants[]>
  /** What the request with this Idempotency-Key has made, in the order of its files. */
  findByRequest(requestKey: string): Promise<MediaWithVariants[]>
  /** @returns false when there is no such media of this owner */
  setCaption(id: string, owner: Owner, caption: string | null): Promise<boolean>
}

export function createMediaRecords(db: Kysely<Ledger>): MediaRecords {
  async function withVariants(rows: MediaRow[]): Promise<MediaWithVariants[]> {
    if (rows.length === 0) return []
    const ids = rows.map((row) => row.id)
    const variants = await db.selectFrom('variant').selectAll().where('media_id', 'in', ids).execute()
    const byMedia = Map.groupBy(variants, (variant) => variant.media_id)
    return rows.map((media) => ({ media, variants: byMedia.get(media.id) ?? [] }))
  }

  return {
    async find(id, owner) {
      let query = db.selectFrom('media').selectAll().where('id', '=', id)
      if (owner !== anyOwner) query = query.where('owner', '=', owner)
      return (await withVariants(await query.execute()))[0]
    },

    async list(owner, limit, after) {
      let query = db
        .selectFrom('media')
        .selectAll()
        .where('owner', '=', owner)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
      if (after) {
        query = query.where((e) => e(e.refTuple('created_at', 'id'), '<', e.tuple(after.createdAt, after.id)))
      }
      return withVariants(await query.execute())
    },

    async findByRequest(requestKey) {
      const rows = await db
        .selectFrom('media')
        .selectAll()
        .where('request_key', '=', requestKey)
        .orderBy('request_index')
        .execute()
      return withVariants(rows)
    },

    async setCaption(id, owner, caption) {
      let query = db
        .updateTable('media')
        .set((e) => ({ caption, revision: e('revision', '+', 1) }))
        .where('id', '=', id)
      if (owner !== anyOwner) query = query.where('owner', '=', owner)
      return (await query.executeTakeFirst()).numUpdatedRows > 0n
    },
  }
}
