import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Expiring } from '../records/expiry-records.ts'
import type { Records } from '../records/records.ts'

export interface ExpiryOptions {
  records: Pick<Records, 'expiry' | 'uploads'>
  clock: Clock
  log: Log
  isStopped(): boolean
}

const batch = 40
/** Milliseconds until a media that could not be removed is tried again. */
const pause = 600_000

/** Schedules expired upload sessions and unclaimed media for deletion. */
export function createExpiry({ records, clock, log, isStopped }: ExpiryOptions) {
  const { expiry, uploads } = records

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
        for (const { id } of page) {
          if (isStopped()) return expired
          if (await expireOne(id, now)) expired += 1
        }
        after = page.length < batch ? undefined : page.at(-1)
      } while (after)
      return expired
    },
  }

  async function expireOne(id: string, now: number): Promise<boolean> {
    try {
      const outcome = await expiry.expire(id, now)
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
