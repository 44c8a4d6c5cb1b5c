import type { Kysely, Selectable } from 'kysely'
import type { LinkTable } from './album-tables.ts'
import type { People } from './people-schema.ts'

/** A link as it stands, and whose album it leads to. */
export interface LinkRow extends Omit<Selectable<LinkTable>, 'token_hash'> {
  owner: string
  albumName: string
}

/** What a link may be narrowed to. */
export type Narrower = Partial<
  Pick<Selectable<LinkTable>, 'original' | 'captions' | 'expires_at' | 'max_files' | 'max_bytes'>
>

/** A file that a guest has sent. */
export interface GuestFile {
  linkId: string
  albumId: string
  mediaId: string
  bytes: number
  visitHash: string
  now: number
}

export interface LinkRecords {
  add(link: Selectable<LinkTable>): Promise<void>
  /** Those that were not revoked, the newest first. */
  list(albumId: string): Promise<LinkRow[]>
  /** That was not revoked. */
  find(id: string, albumId: string): Promise<LinkRow | undefined>
  /** Also one that has expired or was revoked. */
  byToken(tokenHash: string): Promise<LinkRow | undefined>
  /** The same by its id. @param within the transaction in which it is asked */
  byId(id: string, within?: Kysely<People>): Promise<LinkRow | undefined>
  /** All of it or nothing: of several that try at once, none widens what another has narrowed. @returns false where it would widen, or is gone */
  narrow(id: string, albumId: string, to: Narrower): Promise<boolean>
  /** @returns false when there is no such link that holds */
  revoke(id: string, albumId: string, now: number): Promise<boolean>
  /**
   * Takes one file off what guests may still send, and puts it into the album: in the transaction that makes it visible. The link's row is
   * locked by it, so that of many at once no more come in than there is room for.
   * @returns false when the link has ended or is full
   */
  receive(file: GuestFile, within: Kysely<People>): Promise<boolean>
}

export function createLinkRecords(db: Kysely<People>): LinkRecords {
  const links = (on: Kysely<People> = db) =>
    on
      .selectFrom('link')
      .innerJoin('album', 'album.id', 'link.album_id')
      .selectAll('link')
      .select(['album.owner', 'album.name as albumName'])
  const ofAlbum = (albumId: string) => links().where('album_id', '=', albumId).where('revoked_at', 'is', null)
  return {
    async add(link) {
      await db.insertInto('link').values(link).execute()
    },
    async list(albumId) {
      const rows = await ofAlbum(albumId).orderBy('link.created_at', 'desc').orderBy('link.id').execute()
      return rows.map(toLink)
    },
    async find(id, albumId) {
      const row = await ofAlbum(albumId).where('link.id', '=', id).executeTakeFirst()
      return row && toLink(row)
    },
    async byToken(tokenHash) {
      const row = await links().where('token_hash', '=', tokenHash).executeTakeFirst()
      return row && toLink(row)
    },
    async byId(id, within) {
      const row = await links(within).where('link.id', '=', id).executeTakeFirst()
      return row && toLink(row)
    },
    async narrow(id, albumId, to) {
      const given = Object.entries(to) as [keyof Narrower, number][]
      if (given.length === 0) return true
      let narrowed = db
        .updateTable('link')
        .set(to)
        .where('id', '=', id)
        .where('album_id', '=', albumId)
        .where('revoked_at', 'is', null)
      for (const [name, value] of given)
        narrowed = narrowed.where((e) => e.or([e(name, 'is', null), e(name, '>=', value)]))
      return (await narrowed.executeTakeFirst()).numUpdatedRows > 0n
    },
    async revoke(id, albumId, now) {
      const { numUpdatedRows } = await db
        .updateTable('link')
        .set({ revoked_at: now })
        .where('id', '=', id)
        .where('album_id', '=', albumId)
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    async receive({ linkId, albumId, mediaId, bytes, visitHash, now }, within) {
      const { numUpdatedRows } = await within
        .updateTable('link')
        .set((e) => ({ files: e('files', '+', 1), bytes: e('bytes', '+', bytes) }))
        .where('id', '=', linkId)
        .where('revoked_at', 'is', null)
        .where((e) => e.or([e('expires_at', 'is', null), e('expires_at', '>', now)]))
        .where((e) => e.or([e('max_files', 'is', null), e('max_files', '>', e.ref('files'))]))
        .where((e) => e.or([e('max_bytes', 'is', null), e('max_bytes', '>=', e('bytes', '+', bytes))]))
        .executeTakeFirst()
      if (numUpdatedRows === 0n) return false
      const row = { album_id: albumId, media_id: mediaId, added_at: now }
      await within
        .insertInto('album_item')
        .values({ ...row, link_id: linkId, visit_hash: visitHash })
        .onConflict((c) => c.doNothing())
        .execute()
      return true
    },
  }
}

function toLink({
  token_hash: _,
  ...row
}: Selectable<LinkTable> & { owner: string; albumName: string }): LinkRow {
  return {
    ...row,
    ...{ created_at: Number(row.created_at), files: Number(row.files), bytes: Number(row.bytes) },
    ...{ expires_at: numberOrNull(row.expires_at), revoked_at: numberOrNull(row.revoked_at) },
    ...{ max_files: numberOrNull(row.max_files), max_bytes: numberOrNull(row.max_bytes) },
  }
}

const numberOrNull = (value: number | null) => (value === null ? null : Number(value))
