import type { Kysely } from 'kysely'
import type { CallersTransaction } from './callers.ts'
import { createHoldSteps } from './hold-steps.ts'
import type { HookTransaction } from './hook-transaction.ts'
import { createInside } from './inside.ts'
import type { MediaWithVariants } from './media-records.ts'
import type { Outbox } from './outbox.ts'
import type { DatabaseKind, TablePlace } from './place.ts'
import { createRestoreSteps, type RemovedRestoration, type VersionRestoration } from './restore-steps.ts'
import type { Ledger, Owner } from './schema.ts'

/** The ways back: what was removed or replaced becomes visible again, while the sweeper has not begun with it. */
export interface UndoMoves {
  /**
   * Takes the keys of a removed media off the sweep list, by the date that was promised, and makes it visible again: with the
   * same id, keys, variants and claim.
   * @returns 'visible' when it has not been removed, or was restored already
   * @throws {TintypeError} `gone` when the sweeper was faster, `quota_exceeded`; what the app's hook throws
   */
  restore(what: RemovedRestoration, trx?: CallersTransaction): Promise<'restored' | 'visible' | 'absent'>
  /**
   * Replaces what is there by an earlier version.
   * @throws {TintypeError} `gone`, `quota_exceeded`, `precondition_failed`
   */
  restoreVersion(what: VersionRestoration, trx?: CallersTransaction): Promise<'restored' | 'absent'>
  /**
   * From now on nothing of this media is deleted, whatever is removed or replaced, until it is released.
   * @returns false when there is nothing left of it
   */
  hold(
    id: string,
    owner: Owner,
    why: { reason: string; now: number },
    trx?: CallersTransaction,
  ): Promise<boolean>
  /** What would be over by now without the hold is due. @returns false when there is no such media */
  releaseHold(id: string, owner: Owner, now: number, trx?: CallersTransaction): Promise<boolean>
}

/** What an app does in the transaction that restores a media. */
export type RestoredWork = (
  restored: MediaWithVariants,
  trx: HookTransaction | CallersTransaction,
) => Promise<void>

export function createUndoMoves(
  db: Kysely<Ledger>,
  kind: DatabaseKind,
  place: TablePlace,
  { outbox, restored }: { outbox: Outbox; restored?: RestoredWork | undefined },
): UndoMoves {
  const restoring = createRestoreSteps(kind)
  const holding = createHoldSteps(kind)
  const inside = createInside(db, kind, place, outbox)
  return {
    restore: (what, trx) =>
      inside.run(trx, (on, tell) => restoring.restore(on, what, tell, inside.hookFor(on, trx, restored))),
    restoreVersion: (what, trx) => inside.run(trx, (on, tell) => restoring.restoreVersion(on, what, tell)),
    hold: (id, owner, why, trx) => inside.run(trx, (on) => holding.hold(on, id, owner, why)),
    releaseHold: (id, owner, now, trx) => inside.run(trx, (on) => holding.releaseHold(on, id, owner, now)),
  }
}
