import type { Kysely, Transaction } from 'kysely'
import { crashPoint } from '../crash-points.ts'
import { changedMeanwhile, TintypeError } from '../errors.ts'
import { cancelDeletion, lockMedia, originalOf, scheduleDeletion, takeVariants } from './key-steps.ts'
import type { CleanedOriginal, PublishedMedia } from './ledger-types.ts'
import type { Tell } from './outbox.ts'
import type { DatabaseKind } from './place.ts'
import { changeBytes } from './restore-steps.ts'
import { tailOf } from './resumable-tables.ts'
import { anyOwner, type Ledger, type MediaRow, type Owner } from './schema.ts'
import { createQuotaSteps } from './usage.ts'
import { type Keep, letGo } from './version-steps.ts'

/** The ledger's moves inside a transaction that is under way: ours, or the app's own. */
export function createLedgerSteps(kind: DatabaseKind) {
  const quotas = createQuotaSteps(kind)

  return {
    async publish(trx: Kysely<Ledger>, media: PublishedMedia[], tell: Tell): Promise<void> {
      await demandCancelled(trx, media)
      await quotas.demandRoomFor(trx, media)
      // Before its media: of two processes that publish the same upload, one finds that it has ended.
      for (const one of media) await endUpload(trx, one)
      await trx
        .insertInto('media')
        .values(media.map((one) => one.media))
        .execute()
      const variants = media.flatMap((one) => one.variants)
      if (variants.length > 0) await trx.insertInto('variant').values(variants).execute()
      await addVariantJobs(trx, media)
      for (const one of media) tell({ kind: 'ready', media: one.media as MediaRow, variants: one.variants })
      crashPoint('ledger.publishing')
    },

    async replace(
      trx: Transaction<Ledger>,
      next: PublishedMedia,
      { oldDueAt, keep }: { oldDueAt: number; keep?: Keep | undefined },
      tell: Tell,
    ): Promise<boolean> {
      const { media, variants } = next
      const old = await lockMedia(trx, kind, media.id, media.owner)
      if (!old) return false
      const { data, revisions } = next.replaces ?? {}
      if (revisions && !revisions.includes(old.revision)) throw changedMeanwhile()
      await demandCancelled(trx, [next])
      const freed = keep && next.quota?.limits.kept ? 0 : Number(old.bytes)
      const more = { bytes: media.bytes - freed, files: 0 }
      await quotas.demandRoomForMore(trx, old.owner, next.quota, more)
      const oldVariants = await takeVariants(trx, old)
      await letGo(trx, { media: old, variants: oldVariants }, 'replaced', oldDueAt, keep)
      const row = { ...(media as MediaRow), writable_until: null }
      const changed = await changeBytes(trx, old, row, data === undefined ? {} : { data })
      if (variants.length > 0) await trx.insertInto('variant').values(variants).execute()
      await addVariantJobs(trx, [next])
      tell({ kind: 'replaced', media: changed, variants })
      crashPoint('ledger.replacing')
      return true
    },

    async replaceCleaned(
      trx: Transaction<Ledger>,
      { id, oldKey, sha256, cleaned, pending }: CleanedOriginal,
      oldDueAt: number,
    ): Promise<boolean> {
      const old = await lockMedia(trx, kind, id, anyOwner)
      // What is on legal hold stays as it is.
      if (old?.key !== oldKey || old.hold_reason !== null) return false
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

    async claim(trx: Kysely<Ledger>, id: string, owner: Owner, by: string) {
      const media = await lockMedia(trx, kind, id, owner)
      if (!media) return 'absent'
      if (media.claimed_by !== null && media.claimed_by !== by) return 'taken'
      await trx.updateTable('media').set({ claimed_by: by, expires_at: null }).where('id', '=', id).execute()
      return 'claimed'
    },

    async release(trx: Kysely<Ledger>, id: string, owner: Owner, by: string, expiresAt: number | null) {
      const media = await lockMedia(trx, kind, id, owner)
      if (!media) return 'absent'
      if (media.claimed_by === null) return 'released'
      if (media.claimed_by !== by) return 'taken'
      const freed = { claimed_by: null, expires_at: expiresAt }
      await trx.updateTable('media').set(freed).where('id', '=', id).execute()
      return 'released'
    },
  }
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
    .returning(['key', 'due_at', 'way'])
    .executeTakeFirst()
  if (!upload) throw new TintypeError('conflict', 'The upload has ended already.')
  await trx
    .updateTable('sweep')
    .set({ due_at: 0 })
    .where('key', 'in', [upload.key, ...(upload.way === null ? [] : await tailOf(trx, uploadId))])
    .where('due_at', '=', upload.due_at)
    .execute()
}

/** @throws {TintypeError} `conflict` where the row is there that the work inserts */
export async function onlyOnce(
  db: Kysely<Ledger>,
  work: (trx: Transaction<Ledger>) => Promise<void>,
): Promise<void> {
  try {
    await db.transaction().execute(work)
  } catch (error) {
    throw isUniqueViolation(error) ? sameMeanwhile(error) : error
  }
}

export function sameMeanwhile(cause: unknown): TintypeError {
  return new TintypeError('conflict', 'The same request was carried out meanwhile.', { cause })
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
