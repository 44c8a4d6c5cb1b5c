import { type Kysely, type Selectable, sql } from 'kysely'
import type { Addition } from '../quotas/room.ts'
import { onlyOnce } from './ledger-steps.ts'
import type { Quota } from './ledger-types.ts'
import type { DatabaseKind } from './place.ts'
import { inText, type TailObject, tailIn } from './resumable-tables.ts'
import type { Ledger, ResumablePartTable, ResumableTable, UploadRow } from './schema.ts'
import { createQuotaSteps } from './usage.ts'

export type { TailObject }
export type ResumableRow = Omit<Selectable<ResumableTable>, 'tail'> & { tail: TailObject[] }
export type StoredPartRow = Omit<Selectable<ResumablePartTable>, 'upload_id'>

/** An upload, and what has been acknowledged of it. */
export interface ResumableUpload {
  row: UploadRow
  resumable: ResumableRow
}

/** What one append adds, all of it or nothing. */
export interface Acknowledged {
  /** Bytes of the whole that are stored by now. */
  received: number
  /** Parts that S3 has taken, in their order. */
  parts: StoredPartRow[]
  /** All objects with bytes that are in no part. Left out: they stay as they are. */
  tail?: TailObject[] | undefined
  /** The number of the next part. */
  nextPart: number
  isComplete: boolean
  size: number | null
  /** Whether the writer is done: nothing of it is still on its way to S3. */
  isOver: boolean
  /** Of an upload that began without its length: what has come of it counts now. */
  quota?: Quota | undefined
}

/**
 * Resumable uploads. One request writes at a time: the one that takes an upload over gets a higher number, and what the one
 * before still says is refused, in whatever process it is.
 */
export interface ResumableRecords {
  /** @throws {TintypeError} `quota_exceeded`; `conflict` where there is one of this id */
  open(upload: ResumableUpload, quota?: Quota & { more: Addition }): Promise<void>
  find(id: string, owner: string): Promise<ResumableUpload | undefined>
  /** Of an upload that began without one. */
  name(id: string, owner: string, name: string): Promise<void>
  /**
   * Takes an upload over that has not ended. Part numbers which the one before may still be writing to are passed over.
   * @param isBusy whether it is to be written to
   */
  takeOver(id: string, owner: string, isBusy: boolean): Promise<ResumableUpload | undefined>
  parts(id: string): Promise<StoredPartRow[]>
  /**
   * Names the key at which an S3 multipart upload is about to begin: on the sweep list from now on.
   * @returns false for one that has been taken over, or has ended
   */
  beginMultipart(upload: Held, key: string, type: string): Promise<boolean>
  /** S3 has begun it. @returns false likewise */
  nameMultipart(upload: Held, key: string, uploadId: string): Promise<boolean>
  /**
   * @param now when objects of the tail that are left out are deleted
   * @returns false likewise: then nothing is acknowledged
   * @throws {TintypeError} `quota_exceeded`
   */
  acknowledge(upload: Held, what: Acknowledged, now: number): Promise<boolean>
}

/** An upload, and as which writer it is held. */
export interface Held {
  row: Pick<UploadRow, 'id' | 'due_at'>
  resumable: Pick<ResumableRow, 'writer' | 'tail'>
}

/** How many parts of one writer are on their way to S3 at a time, at the most. */
export const partsAtOnce = 4

export function createResumableRecords(db: Kysely<Ledger>, kind: DatabaseKind): ResumableRecords {
  const quotas = createQuotaSteps(kind)
  const open = (on: Kysely<Ledger>) =>
    on.selectFrom('upload').select('id').where('media_id', 'is', null).where('refusal', 'is', null)

  async function find(on: Kysely<Ledger>, id: string, owner: string): Promise<ResumableUpload | undefined> {
    const row = await on
      .selectFrom('upload')
      .selectAll()
      .where('id', '=', id)
      .where('owner', '=', owner)
      .executeTakeFirst()
    const resumable =
      row && (await on.selectFrom('resumable').selectAll().where('upload_id', '=', id).executeTakeFirst())
    return row && resumable && { row, resumable: read(resumable) }
  }

  const held = (on: Kysely<Ledger>, { row, resumable }: Held) =>
    on
      .updateTable('resumable')
      .where('upload_id', '=', row.id)
      .where('writer', '=', resumable.writer)
      .where('upload_id', 'in', open(on).where('id', '=', row.id))

  /** Also makes others wait that would take it over at this moment. */
  async function isHeld(on: Kysely<Ledger>, upload: Held): Promise<boolean> {
    const { numUpdatedRows } = await held(on, upload)
      .set({ writer: upload.resumable.writer })
      .executeTakeFirst()
    return numUpdatedRows === 1n
  }

  /** Room was kept for what was known of its length when it began. */
  async function demandMore(on: Kysely<Ledger>, { row }: Held, bytes: number, quota: Quota): Promise<void> {
    const known = await on
      .selectFrom('upload')
      .innerJoin('resumable', 'resumable.upload_id', 'upload.id')
      .select(['upload.bytes', 'upload.owner'])
      .where('upload.id', '=', row.id)
      .where('resumable.size', 'is', null)
      .executeTakeFirst()
    const more = bytes - Number(known?.bytes ?? bytes)
    if (known && more > 0) await quotas.demandRoomForMore(on, known.owner, quota, { bytes: more, files: 0 })
  }

  return {
    open: ({ row, resumable }, quota) =>
      onlyOnce(db, async (trx) => {
        if (quota) await quotas.demandRoomForMore(trx, row.owner, quota, quota.more)
        await trx.insertInto('upload').values(row).execute()
        const tail = inText(resumable.tail)
        await trx
          .insertInto('resumable')
          .values({ ...resumable, tail })
          .execute()
      }),

    find: (id, owner) => find(db, id, owner),

    async name(id, owner, name) {
      const unnamed = db.updateTable('upload').set({ name }).where('name', '=', '')
      await unnamed.where('id', '=', id).where('owner', '=', owner).execute()
    },

    takeOver: (id, owner, isBusy) =>
      db.transaction().execute(async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('resumable')
          .set((e) => ({
            writer: e('writer', '+', 1),
            next_part: sql<number>`next_part + is_busy * ${sql.lit(partsAtOnce)}`,
            is_busy: isBusy ? 1 : 0,
          }))
          .where('upload_id', 'in', open(trx).where('id', '=', id).where('owner', '=', owner))
          .executeTakeFirst()
        return numUpdatedRows === 1n ? find(trx, id, owner) : undefined
      }),

    parts: (id) =>
      db
        .selectFrom('resumable_part')
        .select(['number', 'etag', 'crc32'])
        .where('upload_id', '=', id)
        .orderBy('number')
        .execute()
        .then((parts) => parts.map((part) => ({ ...part, crc32: Number(part.crc32) }))),

    beginMultipart: (upload, key, type) =>
      db.transaction().execute(async (trx) => {
        if (!(await isHeld(trx, upload))) return false
        const { id, due_at } = upload.row
        await trx
          .insertInto('sweep')
          .values({ key, upload_id: '', due_at, recheck: 1, attempts: 0 })
          .execute()
        await trx.updateTable('upload').set({ key, type }).where('id', '=', id).execute()
        return true
      }),

    nameMultipart: (upload, key, uploadId) =>
      db.transaction().execute(async (trx) => {
        await trx.updateTable('sweep').set({ upload_id: uploadId }).where('key', '=', key).execute()
        if (!(await isHeld(trx, upload))) return false
        await trx
          .updateTable('upload')
          .set({ s3_upload_id: uploadId })
          .where('id', '=', upload.row.id)
          .where('key', '=', key)
          .execute()
        return true
      }),

    acknowledge: (upload, { received, parts, tail, nextPart, isComplete, size, isOver, quota }, now) =>
      db.transaction().execute(async (trx) => {
        const { row, resumable } = upload
        if (quota) await demandMore(trx, upload, size ?? received, quota)
        const { numUpdatedRows } = await held(trx, upload)
          .set({
            received,
            size,
            next_part: nextPart,
            is_complete: isComplete ? 1 : 0,
            is_busy: isOver ? 0 : 1,
            ...(tail === undefined ? {} : { tail: inText(tail) }),
          })
          .executeTakeFirst()
        if (numUpdatedRows !== 1n) return false
        if (parts.length > 0) {
          await trx
            .insertInto('resumable_part')
            .values(parts.map((part) => ({ ...part, upload_id: row.id })))
            .execute()
        }
        const remaining = tail?.map(({ key }) => key) ?? []
        const over = tail && resumable.tail.map(({ key }) => key).filter((key) => !remaining.includes(key))
        if (over && over.length > 0) {
          // They were written whole: no write to them is still under way.
          await trx
            .updateTable('sweep')
            .set({ due_at: now, recheck: 0 })
            .where('key', 'in', over)
            .where('due_at', '=', row.due_at)
            .execute()
        }
        await trx
          .updateTable('upload')
          .set({ bytes: size ?? received })
          .where('id', '=', row.id)
          .execute()
        return true
      }),
  }
}

/** Postgres gives what is larger than 32 bits as it is told to by the driver. */
function read(row: Selectable<ResumableTable>): ResumableRow {
  const { size, received, tail, writer } = row
  return {
    ...row,
    size: size === null ? null : Number(size),
    received: Number(received),
    tail: tailIn(tail),
    writer: Number(writer),
  }
}
