import type { Kysely, Selectable } from 'kysely'
import type { LinkTable, People } from './people-schema.ts'

/** A link as it stands, and whose album it leads to. */
export interface ShareLink extends Omit<Selectable<LinkTable>, 'token_hash'> {
  owner: string
  albumName: string
}

/** What a link may be narrowed to. */
export type Narrower = Partial<
  Pick<Selectable<LinkTable>, 'original' | 'expires_at' | 'max_files' | 'max_bytes'>
>

export interface LinkRecords {
  add(link: Selectable<LinkTable>): Promise<void>
  /** Those that were not revoked, the newest first. */
  list(albumId: string): Promise<ShareLink[]>
  /** Also one that has expired or was revoked: who has its token may know that. */
  byToken(tokenHash: string): Promise<ShareLink | undefined>
  /** Only ever to less than it allows; of several that try at once, the narrowest holds. */
  narrow(id: string, albumId: string, to: Narrower): Promise<void>
  /** @returns false when there is no such link that holds */
  revoke(id: string, albumId: string, now: number): Promise<boolean>
  /**
   * Takes one file off what guests may still send, and puts it into the album: all in the transaction that makes it visible.
   * @returns false when the link has ended or is full
   */
  receive(
    file: { linkId: string; albumId: string; mediaId: string; bytes: number; visitHash: string; now: number },
    within: Kysely<People>,
  ): Promise<boolean>
}

export function createLinkRecords(db: Kysely<People>): LinkRecords {
  const links = () =>
    db
      .selectFrom('link')
      .innerJoin('album', 'album.id', 'link.album_id')
      .selectAll('link')
      .select(['album.owner', 'album.name as albumName'])
  const toLink = ({
    token_hash: _,
    ...row
  }: Selectable<LinkTable> & { owner: string; albumName: string }) => ({
    ...row,
    ...{ created_at: Number(row.created_at), files: Number(row.files), bytes: Number(row.bytes) },
    ...{ expires_at: numberOrNull(row.expires_at), revoked_at: numberOrNull(row.revoked_at) },
    ...{ max_files: numberOrNull(row.max_files), max_bytes: numberOrNull(row.max_bytes) },
  })
  return {
    async add(link) {
      await db.insertInto('link').values(link).execute()
    },
    async list(albumId) {
      const rows = await links()
        .where('album_id', '=', albumId)
        .where('revoked_at', 'is', null)
        .orderBy('link.created_at', 'desc')
        .orderBy('link.id')
        .execute()
      return rows.map(toLink)
    },
    async byToken(tokenHash) {
      const row = await links().where('token_hash', '=', tokenHash).executeTakeFirst()
      return row && toLink(row)
    },
    async narrow(id, albumId, to) {
      for (const name of ['original', 'expires_at', 'max_files', 'max_bytes'] as const) {
        const value = to[name]
        if (value === undefined || value === null) continue
        await db
          .updateTable('link')
          .set({ [name]: value })
          .where('id', '=', id)
          .where('album_id', '=', albumId)
          .where((e) => e.or([e(name, 'is', null), e(name, '>', value)]))
          .execute()
      }
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

const numberOrNull = (value: number | null) => (value === null ? null : Number(value))
