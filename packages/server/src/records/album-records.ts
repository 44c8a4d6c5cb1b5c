import { type Kysely, type SelectQueryBuilder, sql } from 'kysely'
import { filtered, type MediaFilter } from 'tintype/internal/records/media-filter'
import { inPages, type Page } from 'tintype/internal/records/media-pages'
import type { MediaOutline } from 'tintype/internal/records/media-records'
import type { Ledger } from 'tintype/internal/records/schema'
import type { People } from './people-schema.ts'

export interface AlbumRow {
  id: string
  owner: string
  name: string
  createdAt: number
  /** Photos and videos that are there now. */
  count: number
  /** The one that was taken last. */
  coverId: string | null
}

/** Which of an album: all of it, or what one visit of a guest has sent. */
export interface AlbumPart {
  albumId: string
  owner: string
  sent?: { linkId: string; visitHash: string; since: number } | undefined
}

type Selection = Omit<MediaFilter, 'owner' | 'ids'>

export interface AlbumRecords {
  /** The newest first. */
  list(owner: string): Promise<AlbumRow[]>
  find(id: string, owner: string): Promise<AlbumRow | undefined>
  count(owner: string): Promise<number>
  /** With its first media. @returns false when one of them is not its owner's */
  add(
    album: Pick<AlbumRow, 'id' | 'owner' | 'name' | 'createdAt'>,
    mediaIds: readonly string[],
  ): Promise<boolean>
  rename(id: string, owner: string, name: string): Promise<boolean>
  /** With its links; the media stay. */
  remove(id: string, owner: string): Promise<boolean>
  /** All of them or none. @returns false when there is no such album, or one of them is not its owner's */
  addMedia(id: string, owner: string, mediaIds: readonly string[], now: number): Promise<boolean>
  removeMedia(id: string, mediaIds: readonly string[]): Promise<void>
  /** What is in it, in the order of a page of the library. */
  page(part: AlbumPart, selection: Selection, page: Page): Promise<MediaOutline[]>
  /** How many are in it, and a text that is another one whenever they are others or one of them was changed. */
  tally(part: AlbumPart): Promise<{ count: number; version: string }>
  has(part: AlbumPart, mediaId: string): Promise<boolean>
}

export function createAlbumRecords(db: Kysely<People>): AlbumRecords {
  const itemsOf = ({ albumId, sent }: AlbumPart) => {
    const items = db.selectFrom('album_item').where('album_id', '=', albumId)
    return sent
      ? items
          .where('link_id', '=', sent.linkId)
          .where('visit_hash', '=', sent.visitHash)
          .where('added_at', '>', sent.since)
      : items
  }
  /** What was removed has no row among the media until it is restored. */
  const media = (part: AlbumPart) =>
    db.selectFrom('media').where('id', 'in', itemsOf(part).select('media_id'))
  /** The library's own conditions, on the same table. */
  const asLedger = <Selected>(query: SelectQueryBuilder<People, 'media', Selected>) =>
    query as unknown as SelectQueryBuilder<Ledger, 'media', Selected>

  const albums = (owner: string) =>
    db
      .selectFrom('album')
      .select(['id', 'owner', 'name', 'created_at'])
      .select((e) => {
        const inIt = e
          .selectFrom('album_item')
          .innerJoin('media', (join) =>
            join.onRef('media.id', '=', 'album_item.media_id').onRef('media.owner', '=', 'album.owner'),
          )
          .whereRef('album_item.album_id', '=', 'album.id')
        return [
          inIt.select((e) => e.fn.countAll().as('n')).as('count'),
          inIt
            .select('media.id')
            .orderBy('media.taken_order', 'desc')
            .orderBy('media.created_at', 'desc')
            .orderBy('media.id', 'desc')
            .limit(1)
            .as('cover'),
        ]
      })
      .where('owner', '=', owner)
  type Found = Awaited<ReturnType<ReturnType<typeof albums>['execute']>>[number]
  const toAlbum = ({ id, owner, name, created_at, count, cover }: Found): AlbumRow => ({
    ...{ id, owner, name },
    createdAt: Number(created_at),
    count: Number(count),
    coverId: cover,
  })

  async function insert(
    trx: Kysely<People>,
    { id, owner }: Pick<AlbumRow, 'id' | 'owner'>,
    mediaIds: readonly string[],
    now: number,
  ): Promise<boolean> {
    const ids = [...new Set(mediaIds)]
    if (ids.length === 0) return true
    const theirs = trx.selectFrom('media').where('owner', '=', owner).where('id', 'in', ids)
    const { count } = await theirs.select((e) => e.fn.countAll().as('count')).executeTakeFirstOrThrow()
    if (Number(count) !== ids.length) return false
    const rows = ids.map((media_id) => ({ album_id: id, media_id, added_at: now }))
    await trx
      .insertInto('album_item')
      .values(rows.map((row) => ({ ...row, link_id: null, visit_hash: null })))
      .onConflict((c) => c.doNothing())
      .execute()
    return true
  }

  return {
    async list(owner) {
      const rows = await albums(owner).orderBy('created_at', 'desc').orderBy('id').execute()
      return rows.map(toAlbum)
    },
    async find(id, owner) {
      const row = await albums(owner).where('id', '=', id).executeTakeFirst()
      return row && toAlbum(row)
    },
    async count(owner) {
      const all = db.selectFrom('album').where('owner', '=', owner)
      return Number((await all.select((e) => e.fn.countAll().as('n')).executeTakeFirstOrThrow()).n)
    },
    add: ({ id, owner, name, createdAt }, mediaIds) =>
      allOrNothing(db, async (trx) => {
        await trx.insertInto('album').values({ id, owner, name, created_at: createdAt }).execute()
        return insert(trx, { id, owner }, mediaIds, createdAt)
      }),
    async rename(id, owner, name) {
      const album = db.updateTable('album').set({ name }).where('id', '=', id).where('owner', '=', owner)
      return (await album.executeTakeFirst()).numUpdatedRows > 0n
    },
    remove: (id, owner) =>
      allOrNothing(db, async (trx) => {
        if (!(await lock(trx, id, owner))) return false
        await trx.deleteFrom('link').where('album_id', '=', id).execute()
        await trx.deleteFrom('album_item').where('album_id', '=', id).execute()
        await trx.deleteFrom('album').where('id', '=', id).execute()
        return true
      }),
    addMedia: (id, owner, mediaIds, now) =>
      allOrNothing(
        db,
        async (trx) => (await lock(trx, id, owner)) && insert(trx, { id, owner }, mediaIds, now),
      ),
    async removeMedia(id, mediaIds) {
      if (mediaIds.length === 0) return
      const items = db.deleteFrom('album_item').where('album_id', '=', id)
      await items.where('media_id', 'in', [...mediaIds]).execute()
    },
    async page(part, selection, page) {
      const rows = media(part).select(['id', 'created_at', 'taken_order', 'width', 'height', 'details'])
      return inPages(asLedger(rows), { ...selection, owner: part.owner }, page).execute()
    },
    async tally(part) {
      const { count, revisions, times } = await filtered(asLedger(media(part)), { owner: part.owner })
        .select((e) => [e.fn.countAll().as('count'), e.fn.sum('revision').as('revisions')])
        // One that is restored as another one goes is a later one or an earlier one. Without the days, whose sum could be too large.
        .select(sql<number>`sum(created_at % 86400000)`.as('times'))
        .executeTakeFirstOrThrow()
      const { added } = await itemsOf(part)
        .select((e) => e.fn.max('added_at').as('added'))
        .executeTakeFirstOrThrow()
      return { count: Number(count), version: [count, revisions, times, added].join('-') }
    },
    async has(part, mediaId) {
      const one = media(part).select('id').where('id', '=', mediaId).where('owner', '=', part.owner)
      return (await one.executeTakeFirst()) !== undefined
    },
  }
}

/** Until the transaction ends nobody else adds to the album or removes it. */
async function lock(trx: Kysely<People>, id: string, owner: string): Promise<boolean> {
  const album = trx.updateTable('album').set((e) => ({ name: e.ref('name') }))
  const { numUpdatedRows } = await album.where('id', '=', id).where('owner', '=', owner).executeTakeFirst()
  return numUpdatedRows > 0n
}

class Nothing extends Error {}

/** What answers false has done nothing. */
async function allOrNothing(
  db: Kysely<People>,
  work: (trx: Kysely<People>) => Promise<boolean>,
): Promise<boolean> {
  try {
    await db.transaction().execute(async (trx) => {
      if (!(await work(trx))) throw new Nothing()
    })
    return true
  } catch (error) {
    if (error instanceof Nothing) return false
    throw error
  }
}
