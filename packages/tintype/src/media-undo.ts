import type { Media, MediaVersion, RemovedMedia, RemovedPage } from '@tintype/protocol'
import type { Bucket } from './bucket/bucket.ts'
import type { Clock } from './clock.ts'
import { crashPoint } from './crash-points.ts'
import type { Derivation } from './derive/derive.ts'
import { changedMeanwhile, TintypeError } from './errors.ts'
import { isId } from './ids.ts'
import type { Log } from './log.ts'
import { absent, ownerIn, revisionsIn, type Whose } from './media-api.ts'
import { formatCursor, toPage } from './media-query.ts'
import { type Lead, present } from './present.ts'
import type { QuotaKeeper } from './quotas/quotas.ts'
import type { CallersTransaction } from './records/callers.ts'
import type { Records } from './records/records.ts'
import type { Restoration } from './records/restore-steps.ts'
import { anyOwner, type Owner } from './records/schema.ts'
import type { KeptVersion } from './records/version-steps.ts'
import type { Sweeper } from './sweep/sweeper.ts'
import { keepFor } from './undo-window.ts'

/** The way back, for media that were removed or replaced within `times.undo`. See docs/undo.md. */
export interface MediaUndo<Owner = string, Data = unknown> {
  /**
   * Brings a removed media back, with its id, claim, caption and variants. One that is there already stays as it is.
   * @param options.trx takes effect when this transaction of the app commits
   * @throws {TintypeError} `not_found`; `gone` with `goneAt` when its time is over; `quota_exceeded`. What the hook `restored` throws
   * @example const media = await tintype.media.restore(id, { owner: user.id })
   */
  restore(id: string, options?: Whose<Owner> & { trx?: CallersTransaction }): Promise<Media<Data>>
  /**
   * A page of what was removed and can be had again, the last removed first. Without `owner`, of everybody: also what a
   * legal hold keeps after its time.
   * @param query.limit 1 to 1000. @default 50
   * @param query.cursor `next` of the page before
   * @throws {TintypeError} `invalid_parameter`
   */
  listRemoved(
    query?: Whose<Owner> & { limit?: number | undefined; cursor?: string | undefined },
  ): Promise<RemovedPage<Data>>
  /**
   * What a media was before it was replaced, as far as that can be had again: at most 100, the latest first.
   * @throws {TintypeError} `not_found`
   */
  versions(id: string, whose?: Whose<Owner>): Promise<MediaVersion[]>
  /**
   * Replaces what is there by an earlier version, with its variants; what is there now becomes a version in its turn. Caption,
   * description and data stay.
   * @param version of {@link MediaUndo.versions}
   * @param options.revision only if it still has this `revision`
   * @throws {TintypeError} `not_found`; `gone` with `goneAt`; `quota_exceeded`; `precondition_failed`
   */
  restoreVersion(
    id: string,
    version: number,
    options?: Whose<Owner> & { trx?: CallersTransaction; revision?: number | readonly number[] | undefined },
  ): Promise<Media<Data>>
  /**
   * Legal hold: nothing of it is deleted, its earlier versions included, until it is released, whatever is removed or
   * replaced and whatever the window is. It can still be removed from all lists; to delete it for good is refused (`held`).
   * @param reason why, for those who look into the table `media` or `version` later: at most 1000 characters
   * @throws {TintypeError} `not_found` when nothing of it is left
   * @example await tintype.media.hold(id, 'Case 2026-117, letter of 3 March')
   */
  hold(id: string, reason: string, options?: Whose<Owner> & { trx?: CallersTransaction }): Promise<void>
  /**
   * Ends a legal hold. What would have been deleted by now without it is deleted. May be repeated.
   * @throws {TintypeError} `not_found`
   */
  releaseHold(id: string, options?: Whose<Owner> & { trx?: CallersTransaction }): Promise<void>
}

export interface MediaUndoOptions {
  records: Pick<Records, 'undo' | 'versions' | 'media'>
  bucket: Pick<Bucket, 'viewUrl'>
  quotas: Pick<QuotaKeeper, 'of'>
  variants: Pick<Derivation, 'jobsFor' | 'wake'>
  sweeper: Pick<Sweeper, 'wake'>
  clock: Clock
  log: Log
  lead: Lead
  /** Milliseconds in which what is replaced can be had again. */
  undo: number
  /** Milliseconds that replaced bytes stay readable at any rate. */
  grace: number
  /** Milliseconds after which unclaimed media are removed. */
  claimWithin: number | undefined
}

const mostVersions = 100
const longestReason = 1000
/** Milliseconds within which most transactions of an app commit. */
const afterCommit = 1000

export function createMediaUndo(options: MediaUndoOptions): MediaUndo {
  const { records, bucket, quotas, variants, sweeper, clock, log, lead, undo, grace, claimWithin } = options

  async function find(id: string, owner: Owner): Promise<Media> {
    const found = isId(id) ? await records.media.find(id, owner) : undefined
    if (!found) throw absent()
    return present(found, bucket, lead, { forOthers: owner === anyOwner })
  }

  /** What is there once the app's transaction commits is not known yet: it is as it was, and one revision further. */
  const shown = async (
    { content: { media, variants } }: KeptVersion,
    owner: Owner,
    more: Partial<KeptVersion['content']['media']> = {},
  ) => present({ media: { ...media, ...more }, variants }, bucket, lead, { forOthers: owner === anyOwner })

  function soon(trx: CallersTransaction | undefined, work: () => void): void {
    if (trx) clock.after(afterCommit, work)
    else work()
  }

  const restoration = async (id: string, owner: Owner, whose: string | undefined): Promise<Restoration> => ({
    id,
    owner,
    now: clock.now(),
    quota: whose === undefined ? undefined : await quotas.of(whose),
    jobsFor: (media, made) => variants.jobsFor(media, made, clock.now()),
  })

  return {
    async restore(id, options = {}) {
      const owner = ownerIn(options, 'trx')
      const { trx } = options
      const removed = isId(id) ? await records.versions.findRemoved(id, owner) : undefined
      const expiresAt = claimWithin === undefined ? null : clock.now() + claimWithin
      const what = { ...(await restoration(id, owner, removed?.owner)), expiresAt }
      const outcome = isId(id) ? await records.undo.restore(what, trx) : 'absent'
      if (outcome === 'absent') throw absent()
      if (outcome === 'restored') {
        crashPoint('restore.committed')
        log.info('media.restored', { id })
        soon(trx, variants.wake)
      }
      if (trx && removed) return shown(removed, owner, { revision: removed.revision + 1 })
      return find(id, owner)
    },

    async listRemoved(query = {}) {
      const owner = ownerIn(query, 'limit', 'cursor')
      const { limit, after } = toPage(query)
      const rows = await records.versions.removed(owner, { now: clock.now(), limit: limit + 1, after })
      const page = rows.slice(0, limit)
      const last = rows.length > limit ? page.at(-1) : undefined
      const media = page.map(
        async (one): Promise<RemovedMedia> => ({
          ...(await shown(one, owner)),
          removedAt: iso(one.ended_at),
          restorableUntil: iso(one.restorable_until),
        }),
      )
      return {
        media: await Promise.all(media),
        next: last ? formatCursor({ createdAt: last.ended_at, id: last.media_id }) : null,
      }
    },

    async versions(id, whose) {
      const owner = ownerIn(whose)
      if (!isId(id) || !(await records.media.find(id, owner))) throw absent()
      const rows = await records.versions.replaced(id, { now: clock.now(), limit: mostVersions })
      return Promise.all(
        rows.map(async (one): Promise<MediaVersion> => {
          const { caption, alt, data, revision, pairId, ...bytes } = await shown(one, owner)
          const [replacedAt, restorableUntil] = [iso(one.ended_at), iso(one.restorable_until)]
          return { version: one.revision, ...bytes, replacedAt, restorableUntil }
        }),
      )
    },

    async restoreVersion(id, version, options = {}) {
      const owner = ownerIn(options, 'trx', 'revision')
      const { trx } = options
      if (!Number.isSafeInteger(version) || version < 1 || version > 2 ** 31 - 1) throw noVersion()
      const now = isId(id) ? await records.media.find(id, owner) : undefined
      if (!now) throw absent()
      const what = {
        ...(await restoration(id, owner, now.media.owner)),
        revision: version,
        revisions: revisionsIn(options),
        oldDueAt: clock.now() + grace,
        keep: keepFor(undo, clock, grace),
      }
      try {
        if ((await records.undo.restoreVersion(what, trx)) === 'absent') throw noVersion()
      } catch (error) {
        if (!(error instanceof TintypeError) || error.code !== 'precondition_failed' || trx) throw error
        throw changedMeanwhile(await find(id, owner))
      }
      log.info('media.version_restored', { id, version })
      soon(trx, () => {
        variants.wake()
        sweeper.wake()
      })
      return find(id, owner)
    },

    async hold(id, reason, options = {}) {
      const owner = ownerIn(options, 'trx')
      const why = { reason: holdReasonIn(reason), now: clock.now() }
      if (!isId(id) || !(await records.undo.hold(id, owner, why, options.trx))) throw absent()
      log.info('media.held', { id })
    },

    async releaseHold(id, options = {}) {
      const owner = ownerIn(options, 'trx')
      if (!isId(id) || !(await records.undo.releaseHold(id, owner, clock.now(), options.trx))) throw absent()
      log.info('media.hold_released', { id })
      soon(options.trx, sweeper.wake)
    },
  }
}

/**
 * As it is written down.
 * @throws {TintypeError} `invalid_parameter` where it says nothing, or too much
 */
export function holdReasonIn(reason: unknown): string {
  const text = typeof reason === 'string' ? reason.toWellFormed().replaceAll('\0', '') : ''
  if (text.trim() !== '' && text.length <= longestReason) return text
  throw new TintypeError(
    'invalid_parameter',
    `A legal hold has a reason of 1 to ${longestReason} characters.`,
    { limit: longestReason },
  )
}

function noVersion(): TintypeError {
  return new TintypeError('not_found', 'There is no such version of this photo or video.')
}

const iso = (time: number) => new Date(time).toISOString()
