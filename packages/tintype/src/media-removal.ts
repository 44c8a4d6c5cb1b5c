import type { Clock } from './clock.ts'
import { TintypeError } from './errors.ts'
import type { Log } from './log.ts'
import type { Position } from './records/media-records.ts'
import type { Records } from './records/records.ts'
import type { Sweeper } from './sweep/sweeper.ts'

/** What became of an owner's media. */
export interface RemovedAll {
  /** Photos and videos that are out of sight; their objects leave S3 within minutes. */
  removed: number
  /** Direct uploads that were in progress. */
  cancelled: number
  /** Those that a foreign key of the app's tables refers to: remove these rows first, then call again. */
  kept: number
}

const batch = 100

/**
 * Of one owner, each in a transaction of its own: a crash leaves the rest to the next call, and nobody waits long for a
 * lock. Sessions go first, so that none of them becomes media behind our back.
 */
export async function removeAllOf(
  owner: string,
  { records, sweeper, clock, log }: { records: Records; sweeper: Sweeper; clock: Clock; log: Log },
): Promise<RemovedAll> {
  const total: RemovedAll = { removed: 0, cancelled: 0, kept: 0 }
  for (;;) {
    const ids = await records.uploads.idsOf(owner, batch)
    for (const id of ids) if (await records.uploads.cancel(id, owner, clock.now())) total.cancelled++
    if (ids.length < batch) break
  }
  // A form that ends meanwhile adds to the newest: from there it is begun anew, until there is nothing but what is kept.
  for (let before = -1; before !== total.removed; ) {
    before = total.removed
    total.kept = 0
    await removePass(total)
  }
  sweeper.wake()
  log.info('media.removed_all', { removed: total.removed, cancelled: total.cancelled, kept: total.kept })
  return total

  async function removePass(count: RemovedAll): Promise<void> {
    let after: Position | undefined
    do {
      const page = await records.media.list({ owner }, { limit: batch, after })
      for (const { media } of page) {
        const outcome = await removeOne(media.id)
        if (outcome !== 'absent') count[outcome]++
      }
      const last = page.length < batch ? undefined : page.at(-1)?.media
      after = last && { createdAt: Number(last.created_at), id: last.id }
      sweeper.wake()
    } while (after)
  }

  async function removeOne(id: string): Promise<'removed' | 'kept' | 'absent'> {
    try {
      return (await records.ledger.remove(id, owner, clock.now())) ? 'removed' : 'absent'
    } catch (error) {
      if (error instanceof TintypeError && error.code === 'conflict') return 'kept'
      throw error
    }
  }
}
