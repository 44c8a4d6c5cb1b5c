import { type Kysely, sql } from 'kysely'
import { crashPoint } from '../crash-points.ts'
import { changedMeanwhile, onHold } from '../errors.ts'
import { limitLockWait, lockMedia, takeVariants, variantsOf } from './key-steps.ts'
import type { RemovedKey } from './ledger-types.ts'
import type { MediaWithVariants } from './media-records.ts'
import type { Tell } from './outbox.ts'
import type { DatabaseKind } from './place.ts'
import { heldUntil, type Ledger, type MediaRow, type Owner } from './schema.ts'
import { deleteVersions, type Keep, letGo, lockAll, rememberGone, removedOf } from './version-steps.ts'

export interface Removal {
  id: string
  owner: Owner
  /** Of its keys, where they are not kept. */
  dueAt: number
  /** Only if it is unclaimed and has expired by then. */
  expiredAt?: number | undefined
  /** One of these it has to have. */
  revisions?: readonly number[] | undefined
  /** It can be had again until then. */
  keep?: Keep | undefined
  /** Nothing of it is kept, earlier versions included, also where it was removed before. */
  final?: { now: number } | undefined
}

/** The ledger's way out of sight, inside a transaction that is under way. */
export function createRemovalSteps(kind: DatabaseKind) {
  /** @param hook of the app, about what is removed */
  async function removeVisible(
    trx: Kysely<Ledger>,
    old: MediaRow,
    { dueAt, expiredAt, keep, final }: Removal,
    tell: Tell,
    hook?: (media: MediaWithVariants) => Promise<void>,
  ): Promise<RemovedKey[]> {
    const before = hook && { media: old, variants: await variantsOf(trx, old) }
    // Before its row goes, so that rows of the app that refer to it can go first. But a reference keeps a media from
    // expiring: so there the hook comes when it is known that there is none.
    if (before && expiredAt === undefined) await hook?.(before)
    const variants = await takeVariants(trx, old)
    await trx.deleteFrom('media').where('id', '=', old.id).execute()
    if (before && expiredAt !== undefined) {
      if (kind === 'postgres') await sql`set constraints all immediate`.execute(trx)
      await hook?.(before)
    }
    const why = expiredAt === undefined ? 'removed' : 'expired'
    const keys = await letGo(trx, { media: old, variants }, why, dueAt, keep)
    if (final) await rememberGone(trx, old, final.now)
    tell({ kind: why, media: old, variants })
    return keys
  }

  return {
    async remove(
      trx: Kysely<Ledger>,
      removal: Removal,
      tell: Tell,
      hook?: (media: MediaWithVariants) => Promise<void>,
    ): Promise<RemovedKey[] | undefined> {
      const { id, owner, expiredAt, revisions } = removal
      // The app's transactions are not waited for: where one of them has locked the row, or a reference to it, the media
      // is being claimed or released.
      if (expiredAt !== undefined) await limitLockWait(trx, kind)
      const old = await lockMedia(trx, kind, id, owner, { skipLocked: expiredAt !== undefined })
      if (!old) return undefined
      if (expiredAt !== undefined && (old.expires_at === null || Number(old.expires_at) > expiredAt))
        return undefined
      if (revisions && !revisions.includes(old.revision)) throw changedMeanwhile()
      const keys = await removeVisible(trx, old, removal, tell, hook)
      crashPoint('ledger.removing')
      return keys
    },

    /** @throws {TintypeError} `held` */
    async removeForGood(
      trx: Kysely<Ledger>,
      removal: Removal & { final: { now: number } },
      tell: Tell,
      hook?: (media: MediaWithVariants) => Promise<void>,
    ): Promise<RemovedKey[] | undefined> {
      const { id, owner, dueAt, revisions, final } = removal
      const { media, versions } = await lockAll(trx, kind, id, owner)
      const latest = media ?? removedOf(versions)
      if (!latest) return undefined
      if (revisions && !revisions.includes(latest.revision)) throw changedMeanwhile()
      if ((media && media.hold_reason !== null) || versions.some(isHeld)) throw onHold()
      const keys = media ? await removeVisible(trx, media, removal, tell, hook) : []
      keys.push(...(await deleteVersions(trx, versions, { now: final.now, dueAt })))
      crashPoint('ledger.removing')
      return keys
    },
  }
}

export const isHeld = ({ due_at }: { due_at: number }) => due_at === heldUntil
