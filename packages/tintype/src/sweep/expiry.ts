import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Expiring } from '../records/expiry-records.ts'
import type { Records } from '../records/records.ts'
import { keepFor } from '../undo-window.ts'

export interface ExpiryOptions {
  records: Pick<Records, 'expiry' | 'uploads' | 'ledger' | 'versions'>
  /** Asks the app what of its own uses the media, before it is removed. */
  findClaim?: FindClaim | undefined
  clock: Clock
  log: Log
  isStopped(): boolean
  /** Milliseconds in which what has expired can be had again. */
  undo: number
}

/** @returns what uses the media, in the app's own words; undefined for nothing */
export type FindClaim = (media: { id: string; owner: string }) => Promise<string | undefined>

const batch = 40
/** Milliseconds until a media that could not be removed is tried again. */
const pause = 600_000

/** Schedules expired upload sessions and unclaimed media for deletion. */
export function createExpiry({ records, findClaim, clock, log, isStopped, undo }: ExpiryOptions) {
  const { expiry, uploads, ledger, versions } = records

  return {
    /** @returns how many direct uploads were forgotten */
    async expireUploads(): Promise<number> {
      const now = clock.now()
      let expired = 0
      for (let more = true; more && !isStopped(); ) {
        const count = await uploads.expire(now, batch)
        expired += count
        more = count === batch
      }
      return expired
    },

    /** What can't be had any more is forgotten: its keys are deleted as all others are. */
    async forgetVersions(): Promise<void> {
      const now = clock.now()
      for (let more = true; more && !isStopped(); ) more = (await versions.forget(now, batch)) === batch
    },

    /**
     * Expires each media once; a failure does not stop the others. One that a foreign key of the app refers to counts as
     * claimed from now on; any other failure is tried again later.
     *
     * @returns how many were removed
     * @throws when the database does not answer
     */
    async expireMedia(): Promise<number> {
      const now = clock.now()
      let expired = 0
      let after: Expiring | undefined
      do {
        const page = await expiry.due(now, batch, after)
        // All of a page at once: an app that takes long over its answer delays deletions no longer than it does for one.
        const claims = findClaim && (await Promise.allSettled(page.map(findClaim)))
        for (const [index, one] of page.entries()) {
          if (isStopped()) return expired
          if (await expireOne(one, now, claims?.[index])) expired += 1
        }
        const isAnswering = !claims?.some(({ status }) => status === 'rejected')
        after = page.length === batch && isAnswering ? page.at(-1) : undefined
      } while (after)
      return expired
    },
  }

  async function expireOne(
    { id, owner }: Expiring,
    now: number,
    claim?: PromiseSettledResult<string | undefined>,
  ): Promise<boolean> {
    try {
      if (claim?.status === 'rejected') throw claim.reason
      if (claim?.value !== undefined) {
        await ledger.claim(id, owner, claim.value)
        log.info('media.claimed', { id, by: claim.value })
        return false
      }
      const outcome = await expiry.expire(id, now, keepFor(undo, clock))
      if (outcome === 'expired') log.info('media.expired', { id })
      if (outcome === 'referenced') log.warn('media.referenced', { id })
      return outcome === 'expired'
    } catch (error) {
      const until = now + pause
      log.error('media.not_expired', { id, until: new Date(until), error })
      await expiry.postpone(id, now, until).catch((failure: unknown) => {
        // The cause is the database, not this media.
        if (failure instanceof TintypeError && failure.code === 'database_unavailable') throw failure
      })
      return false
    }
  }
}
