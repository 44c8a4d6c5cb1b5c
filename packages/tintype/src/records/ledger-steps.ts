import { type Kysely, sql, type Transaction } from 'kysely'
import { crashPoint } from '../crash-points.ts'
import { changedMeanwhile, TintypeError } from '../errors.ts'
import type { CleanedOriginal, PendingKey, PublishedMedia, RemovedKey } from './ledger-types.ts'
import type { MediaWithVariants } from './media-records.ts'
import type { Tell } from './outbox.ts'
import type { DatabaseKind } from './place.ts'
import { anyOwner, type Ledger, type MediaRow, type Owner, type VariantRow } from './schema.ts'
import { createQuotaSteps } from './usage.ts'

/** Milliseconds. */
const shortLockWait = 500

/** Until this transaction ends, a statement that has to wait longer for a lock fails. SQLite has but one lock. */
export async function limitLockWait(trx: Kysely<Ledger>, kind: DatabaseKind): Promise<void> {
  if (kind !== 'postgres') return
  await sql`set local lock_timeout = ${sql.lit(shortLockWait)}`.execute(trx)
}

/** The ledger's moves inside a transaction that is under way: ours, or the app's own. */
export function createLedgerSteps(kind: DatabaseKind) {
  const quotas = createQuotaSteps(kind)

  /** Two requests that change one media take turns. SQLite's transactions do so anyway. */
  async function lockMedia(
    trx: Kysely<Ledger>,
    id: string,
    owner: Owner,
    { skipLocked = false } = {},
  ): Promise<MediaRow | undefined> {
    let query = trx.selectFrom('media').selectAll().where('id', '=', id)
    if (owner !== anyOwner) query = query.where('owner', '=', owner)
    if (kind === 'postgres') query = skipLocked ? query.forUpdate().skipLocked() : query.forUpdate()
    return query.executeTakeFirst()
  }

  return {
    async publish(trx: Kysely<Ledger>, media: PublishedMedia[], tell: Tell): Promise<void> {
      await demandCancelled(trx, media)
      await quotas.demandRoomFor(trx, media)
      await trx
        .insertInto('media')
        .values(media.map((one) => one.media))
        .execute()
      const variants = media.flatMap((one) => one.variants)
      if (variants.length > 0) await trx.insertInto('variant').values(variants).execute()
      await addVariantJobs(trx, media)
      for (const one of media) await endUpload(trx, one)
      for (const one of media) tell({ kind: 'ready', media: one.media as MediaRow, variants: one.variants })
      crashPoint('ledger.publishing')
    },

    async replace(
      trx: Transaction<Ledger>,
      next: PublishedMedia,
      oldDueAt: number,
      tell: Tell,
    ): Promise<boolean> {
      const { media, variants } = next
      const old = await lockMedia(trx, media.id, media.owner)
      if (!old) return false
      const { data, revisions } = next.replaces ?? {}
      if (revisions && !revisions.includes(old.revision)) throw changedMeanwhile()
      await demandCancelled(trx, [next])
      const more = { bytes: media.bytes - Number(old.bytes), files: 0 }
      await quotas.demandRoomForMore(trx, old.owner, next.quota, more)
      const { keys: oldKeys } = await takeKeys(trx, old)
      const { key, kind, type, bytes, sha256, width, height, duration, name, placeholder } = media
      const { taken_order, content_id, details, sent_sha256, cleaned } = media
      const [changed] = await trx
        .updateTable('media')
        .set({
          key,
          kind,
          type,
          bytes,
          sha256,
          width,
          height,
          duration,
          name,
          placeholder,
          taken_order,
          content_id,
          details,
          sent_sha256,
          cleaned,
          writable_until: null,
          revision: old.revision + 1,
          ...(data === undefined ? {} : { data }),
        })
        .where('id', '=', media.id)
        .returningAll()
        .execute()
      if (variants.length > 0) await trx.insertInto('variant').values(variants).execute()
      await addVariantJobs(trx, [next])
      await scheduleDeletion(trx, oldKeys, oldDueAt)
      tell({ kind: 'replaced', media: changed as MediaRow, variants })
      crashPoint('ledger.replacing')
      return true
    },

    async replaceCleaned(
      trx: Transaction<Ledger>,
      { id, oldKey, sha256, cleaned, pending }: CleanedOriginal,
      oldDueAt: number,
    ): Promise<boolean> {
      const old = await lockMedia(trx, id, anyOwner)
      if (old?.key !== oldKey) return false
      await demandCancelled(trx, [{ pending: [pending] }])
      await trx
        .updateTable('media')
        .set({
          ...{ key: pending.key, sha256, cleaned, writable_until: null },
          sent_sha256: old.sent_sha256 ?? old.sha256,
          revision: old.revision + 1,
        })
        .where('id', '=', id)
        .execute()
      await scheduleDeletion(trx, [originalOf(old)], oldDueAt)
      crashPoint('clean.publishing')
      return true
    },

    /** @param hook of the app, about what is removed */
    async remove(
      trx: Kysely<Ledger>,
      {
        id,
        owner,
        dueAt,
        expiredAt,
        revisions,
      }: {
        id: string
        owner: Owner
        dueAt: number
        expiredAt?: number | undefined
        revisions?: readonly number[] | undefined
      },
      tell: Tell,
      hook?: (media: MediaWithVariants) => Promise<void>,
    ): Promise<RemovedKey[] | undefined> {
      // The app's transactions are not waited for: where one of them has locked the row, or a reference to it, the media
      // is being claimed or released.
      if (expiredAt !== undefined) await limitLockWait(trx, kind)
      const old = await lockMedia(trx, id, owner, { skipLocked: expiredAt !== undefined })
      if (!old) return undefined
      if (expiredAt !== undefined && (old.expires_at === null || Number(old.expires_at) > expiredAt))
        return undefined
      if (revisions && !revisions.includes(old.revision)) throw changedMeanwhile()
      const before = hook && { media: old, variants: await variantsOf(trx, old) }
      // Before its row goes, so that rows of the app that refer to it can go first. But a reference keeps a media from
      // expiring: so there the hook comes when it is known that there is none.
      if (before && expiredAt === undefined) await hook?.(before)
      const { keys, variants } = await takeKeys(trx, old)
      await trx.deleteFrom('media').where('id', '=', id).execute()
      if (before && expiredAt !== undefined) {
        if (kind === 'postgres') await sql`set constraints all immediate`.execute(trx)
        await hook?.(before)
      }
      await scheduleDeletion(trx, keys, dueAt)
      tell({ kind: expiredAt === undefined ? 'removed' : 'expired', media: old, variants })
      crashPoint('ledger.removing')
      return keys
    },

    async claim(trx: Kysely<Ledger>, id: string, owner: Owner, by: string) {
      const media = await lockMedia(trx, id, owner)
      if (!media) return 'absent'
      if (media.claimed_by !== null && media.claimed_by !== by) return 'taken'
      await trx.updateTable('media').set({ claimed_by: by, expires_at: null }).where('id', '=', id).execute()
      return 'claimed'
    },

    async release(trx: Kysely<Ledger>, id: string, owner: Owner, by: string, expiresAt: number | null) {
      const media = await lockMedia(trx, id, owner)
      if (!media) return 'absent'
      if (media.claimed_by === null) return 'released'
      if (media.claimed_by !== by) return 'taken'
      const freed = { claimed_by: null, expires_at: expiresAt }
      await trx.updateTable('media').set(freed).where('id', '=', id).execute()
      return 'released'
    },
  }
}

/**
 * Keys leave the list only with the due date that was given to those who wrote to them: a sweeper's lease moves it.
 * @returns false when a key is the sweeper's by now
 */
export async function cancelDeletion(trx: Kysely<Ledger>, pending: PendingKey[]): Promise<boolean> {
  const dated = sql.join(pending.map(({ key, dueAt }) => sql`(${key}, cast(${dueAt} as bigint))`))
  const { numDeletedRows } = await trx
    .deleteFrom('sweep')
    .where(sql<boolean>`(key, due_at) in (values ${dated})`)
    .executeTakeFirst()
  return Number(numDeletedRows) === pending.length
}

async function demandCancelled(trx: Kysely<Ledger>, media: Pick<PublishedMedia, 'pending'>[]): Promise<void> {
  const pending = media.flatMap((one) => one.pending)
  if (await cancelDeletion(trx, pending)) return
  throw new TintypeError('overloaded', 'The upload took longer than its deadline. Send it again.')
}

async function addVariantJobs(trx: Kysely<Ledger>, media: PublishedMedia[]): Promise<void> {
  const jobs = media.flatMap(({ variantJobs = [] }) => variantJobs)
  if (jobs.length > 0) await trx.insertInto('variant_job').values(jobs).execute()
}

/** When the media got a key of its own, the one that the browser wrote to is due at once. */
async function endUpload(trx: Kysely<Ledger>, { media, uploadId }: PublishedMedia): Promise<void> {
  if (uploadId === undefined) return
  const upload = await trx
    .updateTable('upload')
    .set({ media_id: media.id })
    .where('id', '=', uploadId)
    .where('media_id', 'is', null)
    .where('refusal', 'is', null)
    .returning(['key', 'due_at'])
    .executeTakeFirst()
  if (!upload) throw new TintypeError('conflict', 'The upload has ended already.')
  await trx
    .updateTable('sweep')
    .set({ due_at: 0 })
    .where('key', '=', upload.key)
    .where('due_at', '=', upload.due_at)
    .execute()
}

async function variantsOf(trx: Kysely<Ledger>, { id }: MediaRow): Promise<VariantRow[]> {
  return trx.selectFrom('variant').selectAll().where('media_id', '=', id).execute()
}

async function takeKeys(
  trx: Kysely<Ledger>,
  media: MediaRow,
): Promise<{ keys: RemovedKey[]; variants: VariantRow[] }> {
  await trx.deleteFrom('variant_job').where('media_id', '=', media.id).execute()
  const variants = await trx.deleteFrom('variant').where('media_id', '=', media.id).returningAll().execute()
  const others = variants.map(({ key }) => ({ key, writableUntil: null }))
  return { keys: [originalOf(media), ...others], variants }
}

function originalOf({ key, writable_until }: MediaRow): RemovedKey {
  return { key, writableUntil: writable_until === null ? null : Number(writable_until) }
}

/**
 * These objects were written whole before their row existed, so no write of ours is under way; but a signed URL may
 * still be in use, and write to the key once the object is gone.
 */
export async function scheduleDeletion(
  trx: Kysely<Ledger>,
  keys: RemovedKey[],
  dueAt: number,
): Promise<void> {
  await trx
    .insertInto('sweep')
    .values(
      keys.map(({ key, writableUntil }) => ({
        key,
        due_at: dueAt,
        writable_until: writableUntil,
        recheck: writableUntil === null ? 0 : 1,
        attempts: 0,
      })),
    )
    .execute()
}

export function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const postgres = 'code' in error && error.code === '23505'
  return postgres || error.message.startsWith('UNIQUE constraint failed')
}

/** A row of the app's own tables refers to it. Postgres 18 has a code of its own (23001) for ON DELETE RESTRICT. */
export function isForeignKeyViolation(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const postgres = 'code' in error && (error.code === '23503' || error.code === '23001')
  return postgres || error.message.startsWith('FOREIGN KEY constraint failed')
}
