import type { Kysely } from 'kysely'
import { crashPoint } from '../crash-points.ts'
import { changedMeanwhile, goneForGood } from '../errors.ts'
import { cancelDeletion, lockMedia, takeVariants } from './key-steps.ts'
import type { Quota } from './ledger-types.ts'
import type { MediaWithVariants } from './media-records.ts'
import type { Tell } from './outbox.ts'
import type { DatabaseKind } from './place.ts'
import { anyOwner, type Ledger, type MediaRow, type Owner, type VariantJobRow } from './schema.ts'
import { createQuotaSteps, hashOwner } from './usage.ts'
import {
  type Keep,
  type KeptVersion,
  keysOf,
  letGo,
  lockAll,
  lockVersions,
  removedOf,
  same,
} from './version-steps.ts'

export interface Restoration {
  id: string
  owner: Owner
  now: number
  /** What its owner may have. @default without limit */
  quota?: Quota | undefined
  /** Variants that are still to be made of it. */
  jobsFor(media: MediaRow, made: readonly { name: string }[]): VariantJobRow[]
}

export interface RemovedRestoration extends Restoration {
  /** When it expires, unless it is claimed. */
  expiresAt: number | null
}

export interface VersionRestoration extends Restoration {
  /** Of the version that is wanted. */
  revision: number
  /** One of these the media has to have now. */
  revisions?: readonly number[] | undefined
  /** What is replaced can be had again until then. */
  keep?: Keep | undefined
  /** Of the keys that are replaced, where they are not kept. */
  oldDueAt: number
}

/** The ledger's way back, inside a transaction that is under way. */
export function createRestoreSteps(kind: DatabaseKind) {
  const quotas = createQuotaSteps(kind)

  /**
   * By the date that was promised, as publishing does: a sweeper that has leased a key of it has moved that.
   * @throws {TintypeError} `gone`
   */
  async function takeBack(trx: Kysely<Ledger>, version: KeptVersion): Promise<void> {
    const { due_at, restorable_until } = version
    const pending = keysOf(version).map((key) => ({ key, dueAt: due_at }))
    if (!(await cancelDeletion(trx, pending))) throw goneForGood(restorable_until)
    await trx.deleteFrom('version').where(same(version)).execute()
  }

  /** @throws {TintypeError} `gone`, where it was here once and that is still known */
  async function demandNotGone(
    trx: Kysely<Ledger>,
    { id, owner }: Restoration,
    which: (row: { revision: number; why: string }) => boolean,
  ): Promise<void> {
    let query = trx
      .selectFrom('version')
      .select(['revision', 'why', 'restorable_until'])
      .where('media_id', '=', id)
      .where('content', 'is', null)
      .orderBy('restorable_until', 'desc')
    if (owner !== anyOwner) query = query.where('owner', '=', hashOwner(owner))
    const gone = (await query.execute()).find(which)
    if (gone) throw goneForGood(Number(gone.restorable_until))
  }

  /** To its owner it is gone when its time is over, even where the sweeper comes later, or a legal hold keeps it. */
  function demandInTime({ restorable_until }: KeptVersion, { owner, now }: Restoration): void {
    if (owner !== anyOwner && restorable_until <= now) throw goneForGood(restorable_until)
  }

  async function addRows(trx: Kysely<Ledger>, { media, variants }: MediaWithVariants, jobs: VariantJobRow[]) {
    if (variants.length > 0) await trx.insertInto('variant').values(variants).execute()
    if (jobs.length > 0) await trx.insertInto('variant_job').values(jobs).execute()
    return { media, variants }
  }

  /** What its Idempotency-Key has made since is the answer to that. */
  async function withoutTakenKey(trx: Kysely<Ledger>, media: MediaRow): Promise<MediaRow> {
    const { request_key, request_index } = media
    if (request_key === null) return media
    const taken = await trx
      .selectFrom('media')
      .select('id')
      .where('request_key', '=', request_key)
      .where('request_index', '=', request_index)
      .executeTakeFirst()
    return taken ? { ...media, request_key: null, request_index: null, request_hash: null } : media
  }

  return {
    /**
     * @param hook of the app, once it is visible
     * @returns 'visible' when it has not been removed, or was restored already
     * @throws {TintypeError} `gone`, `quota_exceeded`
     */
    async restore(
      trx: Kysely<Ledger>,
      restoration: RemovedRestoration,
      tell: Tell,
      hook?: (media: MediaWithVariants) => Promise<void>,
    ): Promise<'restored' | 'visible' | 'absent'> {
      const { id, owner, quota, jobsFor, expiresAt } = restoration
      const { media: visible, versions } = await lockAll(trx, kind, id, owner)
      if (visible) return 'visible'
      const version = removedOf(versions)
      if (!version) {
        await demandNotGone(trx, restoration, () => true)
        return 'absent'
      }
      demandInTime(version, restoration)
      await takeBack(trx, version)
      const { media: was, variants } = version.content
      const isCounted = quota?.limits.kept === true
      if (!isCounted) await quotas.demandRoomForMore(trx, was.owner, quota, { bytes: was.bytes, files: 1 })
      const media = {
        ...(await withoutTakenKey(trx, was)),
        revision: was.revision + 1,
        expires_at: was.expires_at === null ? null : expiresAt,
      }
      await trx.insertInto('media').values(media).execute()
      const restored = await addRows(trx, { media, variants }, jobsFor(media, variants))
      await hook?.(restored)
      tell({ kind: 'restored', ...restored })
      crashPoint('ledger.restoring')
      return 'restored'
    },

    /**
     * Replaces what is there by an earlier version; what people have said of it since stays.
     * @throws {TintypeError} `gone`, `quota_exceeded`, `precondition_failed`
     */
    async restoreVersion(
      trx: Kysely<Ledger>,
      restoration: VersionRestoration,
      tell: Tell,
    ): Promise<'restored' | 'absent'> {
      const { id, owner, revision, revisions, quota, jobsFor, keep, oldDueAt } = restoration
      const old = await lockMedia(trx, kind, id, owner)
      if (!old) return 'absent'
      if (revisions && !revisions.includes(old.revision)) throw changedMeanwhile()
      const version = (await lockVersions(trx, kind, id, owner)).find((one) => one.revision === revision)
      if (!version) {
        await demandNotGone(trx, restoration, (row) => row.revision === revision)
        return 'absent'
      }
      demandInTime(version, restoration)
      await takeBack(trx, version)
      const { media: was, variants } = version.content
      const replacesBytes = keep && quota?.limits.kept ? was.bytes : Number(old.bytes)
      await quotas.demandRoomForMore(trx, old.owner, quota, { bytes: was.bytes - replacesBytes, files: 0 })
      await letGo(trx, { media: old, variants: await takeVariants(trx, old) }, 'replaced', oldDueAt, keep)
      const media = await changeBytes(trx, old, was)
      const restored = await addRows(trx, { media, variants }, jobsFor(media, variants))
      tell({ kind: 'replaced', ...restored })
      crashPoint('ledger.restoring')
      return 'restored'
    },
  }
}

/** What a media is by its bytes: all that a replacement changes, beside `data` where it says so. */
export async function changeBytes(
  trx: Kysely<Ledger>,
  old: MediaRow,
  next: Pick<MediaRow, (typeof ofBytes)[number]>,
  more: { data?: string | null } = {},
): Promise<MediaRow> {
  const values = Object.fromEntries(ofBytes.map((name) => [name, next[name]]))
  const [changed] = await trx
    .updateTable('media')
    .set({ ...values, ...more, revision: old.revision + 1 })
    .where('id', '=', old.id)
    .returningAll()
    .execute()
  return changed as MediaRow
}

const ofBytes = [
  ...(['key', 'kind', 'type', 'bytes', 'sha256', 'width', 'height', 'duration', 'name'] as const),
  ...(['placeholder', 'taken_order', 'content_id', 'details', 'sent_sha256', 'cleaned'] as const),
  'writable_until',
] as const
