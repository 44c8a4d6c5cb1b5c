import type { Clock } from './clock.ts'
import { TintypeError } from './errors.ts'
import type { Log } from './log.ts'
import type { Position } from './records/media-pages.ts'
import type { Records } from './records/records.ts'
import type { Sweeper } from './sweep/sweeper.ts'
import { keepFor } from './undo-window.ts'

/** What became of an owner's media. */
export interface RemovedAll {
  /** Photos and videos that are out of sight; their objects leave S3 within minutes, or when `times.undo` is over. */
  removed: number
  /** Direct uploads that were in progress. */
  cancelled: number
  /**
   * Those that a foreign key of the app's tables refers to: remove these rows first, then call again. With `final`, also
   * those on legal hold.
   */
  kept: number
}

const batch = 100

/**
 * Of one owner, each in a transaction of its own: a crash leaves the rest to the next call, and nobody waits long for a
 * lock. Sessions go first, so that none of them becomes media behind our back.
 */
export async function removeAllOf(
  { owner, final = false }: { owner: string; final?: boolean | undefined },
  options: { records: Records; sweeper: Sweeper; clock: Clock; log: Log; undo: number },
): Promise<RemovedAll> {
  const { records, sweeper, clock, log, undo } = options
  const total: RemovedAll = { removed: 0, cancelled: 0, kept: 0 }
  const kept = new Set<string>()
  for (;;) {
    const ids = await records.uploads.idsOf(owner, batch)
    for (const id of ids) if (await records.uploads.cancel(id, owner, clock.now())) total.cancelled++
    if (ids.length < batch) break
  }
  // A form that ends meanwhile adds to the newest: from there it is begun anew, until there is nothing but what is kept.
  for (let before = -1; before !== total.removed; ) {
    before = total.removed
    kept.clear()
    await removePass()
    if (final) await removeKept()
    total.kept = kept.size
  }
  sweeper.wake()
  log.info('media.removed_all', { removed: total.removed, cancelled: total.cancelled, kept: total.kept })
  return total

  async function removePass(): Promise<void> {
    let after: Position | undefined
    do {
      const page = await records.media.list({ owner }, { limit: batch, after })
      for (const { media } of page) {
        await removeOne(media.id)
      }
      const last = page.length < batch ? undefined : page.at(-1)?.media
      after = last && { createdAt: Number(last.created_at), id: last.id }
      sweeper.wake()
    } while (after)
  }

  /** What was removed before, or is a version of what is kept. */
  async function removeKept(): Promise<void> {
    for (let after = ''; ; ) {
      const ids = await records.versions.idsOfRemoved(owner, after, batch)
      for (const id of ids) await removeOne(id)
      const last = ids.at(-1)
      if (last === undefined || ids.length < batch) return
      after = last
    }
  }

  async function removeOne(id: string): Promise<void> {
    try {
      const now = clock.now()
      const how = final ? { final: { now } } : { keep: keepFor(undo, clock) }
      if (await records.ledger.remove(id, owner, now, how)) total.removed++
    } catch (error) {
      if (!(error instanceof TintypeError) || !['conflict', 'held'].includes(error.code)) throw error
      kept.add(id)
    }
  }
}
