import type { Kysely, Selectable } from 'kysely'
import type { GuestUploadTable } from './album-tables.ts'
import type { People } from './people-schema.ts'

export interface GuestRecords {
  /** Before the upload is there: a row without one harms nobody. */
  begin(upload: Selectable<GuestUploadTable>): Promise<void>
  hasBegun(upload: Omit<Selectable<GuestUploadTable>, 'expires_at'>): Promise<boolean>
  /** By which link, and in which visit. @param within the transaction in which it is asked */
  find(uploadId: string, within: Kysely<People>): Promise<Selectable<GuestUploadTable> | undefined>
  /** How many were begun by this link and may be gone on with, or were lately. */
  countBegun(linkId: string, now: number): Promise<number>
  /** Uploads that nobody can go on with any more. */
  forgetUploads(now: number): Promise<void>
  /**
   * Places in albums of what was deleted for good: it is neither visible nor kept for being restored. A thousand at a time, so that nobody
   * waits for it.
   */
  forgetGone(): Promise<void>
}

const atOnce = 1000

export function createGuestRecords(db: Kysely<People>): GuestRecords {
  return {
    async begin(upload) {
      await db
        .insertInto('guest_upload')
        .values(upload)
        .onConflict((c) => c.doNothing())
        .execute()
    },
    async hasBegun({ upload_id, link_id, visit_hash }) {
      const row = await db
        .selectFrom('guest_upload')
        .select('upload_id')
        .where('upload_id', '=', upload_id)
        .where('link_id', '=', link_id)
        .where('visit_hash', '=', visit_hash)
        .executeTakeFirst()
      return row !== undefined
    },
    find: (uploadId, within) =>
      within.selectFrom('guest_upload').selectAll().where('upload_id', '=', uploadId).executeTakeFirst(),
    async countBegun(linkId, now) {
      const begun = db.selectFrom('guest_upload').where('link_id', '=', linkId).where('expires_at', '>', now)
      return Number((await begun.select((e) => e.fn.countAll().as('n')).executeTakeFirstOrThrow()).n)
    },
    async forgetUploads(now) {
      await db.deleteFrom('guest_upload').where('expires_at', '<=', now).execute()
    },
    async forgetGone() {
      let last: { album_id: string; media_id: string } | undefined
      do {
        let page = db
          .selectFrom('album_item')
          .select(['album_id', 'media_id'])
          .select((e) => [
            e.selectFrom('media').select('id').whereRef('id', '=', 'media_id').as('visible'),
            e
              .selectFrom('version')
              .select('version.media_id')
              .whereRef('version.media_id', '=', 'album_item.media_id')
              // What is gone for good is remembered for a while, without what it was.
              .where('version.content', 'is not', null)
              .limit(1)
              .as('kept'),
          ])
          .orderBy('album_id')
          .orderBy('media_id')
          .limit(atOnce)
        if (last) {
          const { album_id, media_id } = last
          page = page.where((e) => e(e.refTuple('album_id', 'media_id'), '>', e.tuple(album_id, media_id)))
        }
        const rows = await page.execute()
        last = rows.length === atOnce ? rows.at(-1) : undefined
        const gone = rows.filter(({ visible, kept }) => visible === null && kept === null)
        // One by one: there are few, and what is restored at this very moment was never gone.
        for (const { album_id, media_id } of gone)
          await db
            .deleteFrom('album_item')
            .where('album_id', '=', album_id)
            .where('media_id', '=', media_id)
            .execute()
      } while (last)
    },
  }
}
