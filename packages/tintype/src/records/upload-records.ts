import { type Kysely, sql } from 'kysely'
import { TintypeError } from '../errors.ts'
import { onlyOnce } from './ledger-steps.ts'
import type { Quota, Refusal } from './ledger-types.ts'
import type { Outbox } from './outbox.ts'
import type { DatabaseKind } from './place.ts'
import { tailOf } from './resumable-tables.ts'
import type { Ledger, PartRow, UploadRow } from './schema.ts'
import { createQuotaSteps } from './usage.ts'

/** Direct uploads. Their ending (publish) is one of the ledger's moves. */
export interface UploadRecords {
  /**
   * Opens a session for a key that {@link LedgerMoves.reserve} has put on the sweep list with `row.due_at`; the
   * list learns which signatures and which S3 multipart upload may still write to it, in the same transaction.
   * @throws {TintypeError} `overloaded` when the key is not on the list any more, `conflict` when another request
   * with the same request_key was faster, `quota_exceeded`
   */
  open(row: UploadRow, quota?: Quota): Promise<void>
  find(id: string, owner: string): Promise<UploadRow | undefined>
  findByRequest(requestKey: string): Promise<UploadRow | undefined>
  /** Durable before the URLs are handed out. A part signed again takes the new checksum and loses its ETag. */
  signParts(id: string, parts: { number: number; sha256: string }[]): Promise<void>
  /** What S3 answered to the client's PUT of a part. Numbers that were never signed change nothing. */
  recordParts(id: string, parts: { number: number; etag: string }[]): Promise<void>
  /** By number. */
  parts(id: string): Promise<PartRow[]>
  /**
   * Ends the upload as refused: its key is due at `now`, and the reason is kept until the session expires.
   * @param writer of a resumable upload: only where no other request has taken it over
   * @returns false when it had ended already
   */
  refuse(id: string, refusal: string, now: number, writer?: number): Promise<boolean>
  /**
   * Forgets the session: its key is due at `now`.
   * @returns false when there is no such upload of this owner that hasn't become media
   */
  cancel(id: string, owner: string, now: number): Promise<boolean>
  /** It has become part of another one, and names that one's media from then on: its own keys are due at `now`. */
  join(id: string, owner: string, mediaId: string, now: number): Promise<void>
  /** Of an owner's sessions that have not become media. */
  idsOf(owner: string, limit: number): Promise<string[]>
  /** Forgets up to `limit` sessions whose key is due by itself: a completion under way has lost. @returns how many */
  expire(now: number, limit: number): Promise<number>
}

export function createUploadRecords(db: Kysely<Ledger>, kind: DatabaseKind, outbox: Outbox): UploadRecords {
  const quotas = createQuotaSteps(kind)
  /** `recheck` is 1 on the list already: reserve() has seen to it. */
  const scheduleDeletion = (
    trx: Kysely<Ledger>,
    row: Pick<UploadRow, 'key' | 'due_at'>,
    tail: string[],
    now: number,
  ) =>
    trx
      .updateTable('sweep')
      .set({ due_at: now })
      .where('key', 'in', [row.key, ...tail])
      .where('due_at', '=', row.due_at)
      .execute()

  return {
    open: (row, quota) =>
      onlyOnce(db, async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('sweep')
          .set({ upload_id: row.s3_upload_id, writable_until: row.expires_at })
          .where('key', '=', row.key)
          .where('due_at', '=', row.due_at)
          .executeTakeFirst()
        if (numUpdatedRows !== 1n) throw new TintypeError('overloaded', 'It took too long. Begin again.')
        await quotas.demandRoomForMore(trx, row.owner, quota, { bytes: row.bytes, files: 1, sessions: 1 })
        await trx.insertInto('upload').values(row).execute()
      }),

    find: (id, owner) =>
      db.selectFrom('upload').selectAll().where('id', '=', id).where('owner', '=', owner).executeTakeFirst(),

    findByRequest: (requestKey) =>
      db.selectFrom('upload').selectAll().where('request_key', '=', requestKey).executeTakeFirst(),

    async signParts(id, parts) {
      if (parts.length === 0) return
      await db
        .insertInto('part')
        .values(parts.map(({ number, sha256 }) => ({ upload_id: id, number, sha256 })))
        .onConflict((c) =>
          c
            .columns(['upload_id', 'number'])
            .doUpdateSet((e) => ({ sha256: e.ref('excluded.sha256'), etag: null })),
        )
        .execute()
    },

    async recordParts(id, parts) {
      if (parts.length === 0) return
      // One statement: a hundred of them would be half of what the upload of a gigabyte costs.
      const cases = parts.map(({ number, etag }) => sql`when ${number} then ${etag}`)
      await db
        .updateTable('part')
        .set({ etag: sql<string>`case number ${sql.join(cases, sql` `)} end` })
        .where('upload_id', '=', id)
        .where(
          'number',
          'in',
          parts.map(({ number }) => number),
        )
        .execute()
    },

    parts: (id) => db.selectFrom('part').selectAll().where('upload_id', '=', id).orderBy('number').execute(),

    refuse: (id, refusal, now, writer) =>
      outbox.transaction(db, async (trx, tell) => {
        let refusing = trx
          .updateTable('upload')
          .set({ refusal })
          .where('id', '=', id)
          .where('media_id', 'is', null)
          .where('refusal', 'is', null)
        if (writer !== undefined) {
          const written = trx.selectFrom('resumable').select('upload_id').where('writer', '=', writer)
          refusing = refusing.where('id', 'in', written.where('upload_id', '=', id))
        }
        const row = await refusing.returning(['key', 'due_at', 'owner', 'name']).executeTakeFirst()
        if (!row) return false
        await scheduleDeletion(trx, row, await tailOf(trx, id), now)
        tell({ kind: 'refused', owner: row.owner, refusal: toldOf(refusal, row.name, id) })
        return true
      }),

    cancel: (id, owner, now) =>
      db.transaction().execute(async (trx) => {
        const tail = await tailOf(trx, id)
        const row = await trx
          .deleteFrom('upload')
          .where('id', '=', id)
          .where('owner', '=', owner)
          .where('media_id', 'is', null)
          .returning(['key', 'due_at', 'refusal'])
          .executeTakeFirst()
        if (row) await scheduleDeletion(trx, row, tail, now)
        return row !== undefined
      }),

    join: (id, owner, mediaId, now) =>
      db.transaction().execute(async (trx) => {
        const row = await trx
          .updateTable('upload')
          .set({ media_id: mediaId })
          .where('id', '=', id)
          .where('owner', '=', owner)
          .where('media_id', 'is', null)
          .returning(['key', 'due_at'])
          .executeTakeFirst()
        if (row) await scheduleDeletion(trx, row, await tailOf(trx, id), now)
      }),

    async idsOf(owner, limit) {
      const open = db
        .selectFrom('upload')
        .select('id')
        .where('owner', '=', owner)
        .where('media_id', 'is', null)
      return (await open.limit(limit).execute()).map(({ id }) => id)
    },

    async expire(now, limit) {
      const { numDeletedRows } = await db
        .deleteFrom('upload')
        .where('id', 'in', (e) => {
          const due = e
            .selectFrom('upload')
            .select('id')
            .where('due_at', '<=', now)
            .orderBy('due_at')
            .limit(limit)
          // One that is just being completed or cancelled is left to the next time.
          return kind === 'postgres' ? due.forUpdate().skipLocked() : due
        })
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}

export function toldOf(refusal: string, name: string, uploadId: string): Refusal {
  const {
    code,
    detail,
    limit = null,
  } = JSON.parse(refusal) as Pick<Refusal, 'code' | 'detail'> & {
    limit?: number
  }
  return { code, detail, limit, name, uploadId }
}
