import type { Kysely } from 'kysely'
import type { DatabaseKind } from './place.ts'
import { isHeld } from './removal-steps.ts'
import { heldUntil, type Ledger, type MediaRow, type Owner } from './schema.ts'
import { type KeptVersion, lockAll, moveVersion, same } from './version-steps.ts'

/** Legal hold, inside a transaction that is under way: keys that are kept get a date that never comes. */
export function createHoldSteps(kind: DatabaseKind) {
  const setHold = (trx: Kysely<Ledger>, id: string, hold: Hold) =>
    trx.updateTable('media').set(hold).where('id', '=', id).execute()

  async function change(trx: Kysely<Ledger>, version: KeptVersion, hold: Hold, due_at: number) {
    const { content } = version
    await trx
      .updateTable('version')
      .set({ due_at, content: JSON.stringify({ ...content, media: { ...content.media, ...hold } }) })
      .where(same(version))
      .execute()
  }

  return {
    /** @returns false when there is nothing left of it */
    async hold(
      trx: Kysely<Ledger>,
      id: string,
      owner: Owner,
      { reason, now }: { reason: string; now: number },
    ): Promise<boolean> {
      const { media, versions } = await lockAll(trx, kind, id, owner)
      const hold = { hold_reason: reason, held_at: now }
      if (media) await setHold(trx, id, hold)
      let held = media === undefined ? 0 : 1
      for (const version of versions) {
        // Where the sweeper has begun with a version, that one is lost.
        if (!isHeld(version) && !(await moveVersion(trx, version, heldUntil))) continue
        await change(trx, version, hold, heldUntil)
        held += 1
      }
      return held > 0
    },

    /** What was promised without the hold is kept until then; what is over is due now. @returns false when there is no such media */
    async releaseHold(trx: Kysely<Ledger>, id: string, owner: Owner, now: number): Promise<boolean> {
      const { media, versions } = await lockAll(trx, kind, id, owner)
      if (media) await setHold(trx, id, free)
      for (const version of versions.filter(isHeld)) {
        const dueAt = Math.max(version.restorable_until, now)
        if (await moveVersion(trx, version, dueAt)) await change(trx, version, free, dueAt)
      }
      return media !== undefined || versions.length > 0
    },
  }
}

type Hold = Pick<MediaRow, 'hold_reason' | 'held_at'>
const free: Hold = { hold_reason: null, held_at: null }
