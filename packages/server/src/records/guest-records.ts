import type { Kysely, Selectable } from 'kysely'
import type { GuestUploadTable } from './album-tables.ts'
import type { People } from './people-schema.ts'

export interface GuestRecords {
  /**
   * Before the upload is there: a row without one harms nobody. The link's row is locked by it, so that of many at once no more begin than
   * may.
   * @param most that were begun by this link and may be gone on with, or were lately. @returns false when there are as many
   */
  begin(upload: Selectable<GuestUploadTable>, most: number, now: number): Promise<boolean>
  hasBegun(upload: Omit<Selectable<GuestUploadTable>, 'expires_at'>): Promise<boolean>
  /** By which link, and in which visit. @param within the transaction in which it is asked */
  find(uploadId: string, within: Kysely<People>): Promise<Selectable<GuestUploadTable> | undefined>
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
    begin(upload, most, now) {
      const { link_id } = upload
      return db.transaction().execute(async (trx) => {
        // An update that changes nothing: the next one waits for it, and counts what is added here.
        const link = trx.updateTable('link').set((e) => ({ files: e.ref('files') }))
        await link.where('id', '=', link_id).execute()
        const begun = trx
          .selectFrom('guest_upload')
          .where('link_id', '=', link_id)
          .where('expires_at', '>', now)
          .select((e) => e.fn.countAll().as('n'))
        if (Number((await begun.executeTakeFirstOrThrow()).n) >= most) return false
        await trx
          .insertInto('guest_upload')
          .values(upload)
          .onConflict((c) => c.doNothing())
          .execute()
        return true
      })
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
