import type { Clock } from 'tintype/internal/clock'
import type { Log } from 'tintype/internal/log'
import type { GuestRecords } from '../records/guest-records.ts'

const day = 86_400_000
/** Milliseconds after the start, which has enough to do. */
const first = 60_000

/**
 * Takes rows away that nothing needs any more: once a day, in each process. Until then they do no harm: an album shows what is there.
 * @returns stops it, and waits for what is under way
 */
export function forgetDaily(
  guests: Pick<GuestRecords, 'forgetUploads' | 'forgetGone'>,
  { clock, log }: { clock: Clock; log: Log },
): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  const forget = async () => {
    try {
      // One that ended in time may still be on its way into the album.
      await guests.forgetUploads(clock.now() - day)
      await guests.forgetGone()
    } catch (error) {
      log.warn('albums.not_forgotten', { error })
    }
    cancel = clock.after(day, run)
  }
  const run = () => {
    running = forget()
  }
  let cancel = clock.after(first, run)
  return async () => {
    cancel()
    await running
    cancel()
  }
}
