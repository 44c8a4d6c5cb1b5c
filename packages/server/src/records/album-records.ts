import type { Kysely } from 'kysely'
import type { MediaOutline, Position } from 'tintype/internal/records/media-records'
import type { People } from './people-schema.ts'

export interface Album {
  id: string
  owner: string
  name: string
  createdAt: number
  /** Photos and videos that are there now. */
  count: number
  /** The one that was taken last. */
  coverId: string | undefined
}

/** Which of an album: all, or what a guest has sent in one visit. */
export interface AlbumPart {
  albumId: string
  visitHash?: string | undefined
}

export interface AlbumRecords {
  list(owner: string): Promise<Album[]>
  find(id: string, owner: string): Promise<Album | undefined>
  count(owner: string): Promise<number>
  add(album: Pick<Album, 'id' | 'owner' | 'name' | 'createdAt'>): Promise<void>
  rename(id: string, owner: string, name: string): Promise<boolean>
  /** With its links; the photos stay. */
  remove(id: string, owner: string): Promise<boolean>
  /** Only media of the album's owner are taken. @returns how many of these are theirs */
  addMedia(albumId: string, mediaIds: readonly string[], now: number): Promise<number>
  removeMedia(albumId: string, mediaIds: readonly string[]): Promise<void>
  /** Where each stands, those first that were taken last, as the ledger's own outline is. */
  outline(part: AlbumPart, page: { limit: number; after?: Position | undefined }): Promise<MediaOutline[]>
  has(part: AlbumPart, mediaId: string): Promise<boolean>
}

export function createAlbumRecords(db: Kysely<People>): AlbumRecords {
  /** What is in it and there: a media that was removed has no row in the ledger until it is restored. */
  const items = ({ albumId, visitHash }: AlbumPart) => {
    const all = db
      .selectFrom('album_item')
      .innerJoin('album', 'album.id', 'album_item.album_id')
      .innerJoin('media', (join) =>
        join.onRef('media.id', '=', 'album_item.media_id').onRef('media.owner', '=', 'album.owner'),
      )
      .where('album_item.album_id', '=', albumId)
    return visitHash === undefined ? all : all.where('album_item.visit_hash', '=', visitHash)
  }
  const newestFirst = (part: AlbumPart) =>
    items(part)
      .orderBy('media.taken_order', 'desc')
      .orderBy('media.created_at', 'desc')
      .orderBy('media.id', 'desc')

  async function filled(row: {
    id: string
    owner: string
    name: string
    created_at: number
  }): Promise<Album> {
    const { count } = await items({ albumId: row.id })
      .select((e) => e.fn.countAll().as('count'))
      .executeTakeFirstOrThrow()
    const cover = await newestFirst({ albumId: row.id }).select('media.id').limit(1).executeTakeFirst()
    const { id, owner, name } = row
    return { id, owner, name, createdAt: Number(row.created_at), count: Number(count), coverId: cover?.id }
  }

  return {
    async list(owner) {
      const rows = await db
        .selectFrom('album')
        .selectAll()
        .where('owner', '=', owner)
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .execute()
      return Promise.all(rows.map(filled))
    },
    async find(id, owner) {
      const row = await db
        .selectFrom('album')
        .selectAll()
        .where('id', '=', id)
        .where('owner', '=', owner)
        .executeTakeFirst()
      return row && filled(row)
    },
    async count(owner) {
      const row = await db
        .selectFrom('album')
        .select((e) => e.fn.countAll().as('count'))
        .where('owner', '=', owner)
        .executeTakeFirstOrThrow()
      return Number(row.count)
    },
    async add({ id, owner, name, createdAt }) {
      await db.insertInto('album').values({ id, owner, name, created_at: createdAt }).execute()
    },
    async rename(id, owner, name) {
      const { numUpdatedRows } = await db
        .updateTable('album')
        .set({ name })
        .where('id', '=', id)
        .where('owner', '=', owner)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    remove(id, owner) {
      return db.transaction().execute(async (trx) => {
        const own = await trx
          .selectFrom('album')
          .select('id')
          .where('id', '=', id)
          .where('owner', '=', owner)
          .executeTakeFirst()
        if (!own) return false
        await trx.deleteFrom('link').where('album_id', '=', id).execute()
        await trx.deleteFrom('album_item').where('album_id', '=', id).execute()
        await trx.deleteFrom('album').where('id', '=', id).execute()
        return true
      })
    },
    async addMedia(albumId, mediaIds, now) {
      if (mediaIds.length === 0) return 0
      const theirs = await db
        .selectFrom('media')
        .innerJoin('album', 'album.owner', 'media.owner')
        .select('media.id')
        .where('album.id', '=', albumId)
        .where('media.id', 'in', [...mediaIds])
        .execute()
      if (theirs.length === 0) return 0
      const fixed = { album_id: albumId, added_at: now, link_id: null, visit_hash: null }
      await db
        .insertInto('album_item')
        .values(theirs.map(({ id }) => ({ ...fixed, media_id: id })))
        .onConflict((c) => c.doNothing())
        .execute()
      return theirs.length
    },
    async removeMedia(albumId, mediaIds) {
      if (mediaIds.length === 0) return
      await db
        .deleteFrom('album_item')
        .where('album_id', '=', albumId)
        .where('media_id', 'in', [...mediaIds])
        .execute()
    },
    async outline(part, { limit, after }) {
      let query = newestFirst(part)
        .select([
          ...(['media.id', 'media.created_at', 'media.taken_order'] as const),
          ...(['media.width', 'media.height', 'media.details'] as const),
        ])
        .limit(limit)
      if (after?.takenOrder !== undefined) {
        const { takenOrder, createdAt, id } = after
        query = query.where((e) =>
          e(
            e.refTuple('media.taken_order', 'media.created_at', 'media.id'),
            '<',
            e.tuple(takenOrder, createdAt, id),
          ),
        )
      }
      return query.execute()
    },
    async has(part, mediaId) {
      const row = await items(part).select('media.id').where('media.id', '=', mediaId).executeTakeFirst()
      return row !== undefined
    },
  }
}
