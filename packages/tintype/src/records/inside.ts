import type { Kysely } from 'kysely'
import { type CallersTransaction, overCallers } from './callers.ts'
import { insideSavepoint } from './callers-publish.ts'
import type { HookTransaction } from './hook-transaction.ts'
import { lendTransaction } from './hook-transaction.ts'
import type { MediaWithVariants } from './media-records.ts'
import type { Outbox, Tell } from './outbox.ts'
import type { DatabaseKind, TablePlace } from './place.ts'
import type { Ledger } from './schema.ts'

/** Moves of the ledger that happen in a transaction of their own, or in one that the app has begun. */
export function createInside(db: Kysely<Ledger>, kind: DatabaseKind, place: TablePlace, outbox: Outbox) {
  return {
    /** Of the app's transaction all of it happens or nothing: it may catch what this throws, and commit. */
    async run<T>(
      trx: CallersTransaction | undefined,
      work: (on: Kysely<Ledger>, tell: Tell) => Promise<T>,
    ): Promise<T> {
      if (!trx) return outbox.transaction(db, work)
      const on = overCallers(trx, kind, place)
      return insideSavepoint(on, () => outbox.inside(on, work))
    },

    /** Lends the hook the transaction; not where it is the app's own: it has it already, and ends it itself. */
    hookFor(
      on: Kysely<Ledger>,
      callers: CallersTransaction | undefined,
      hook:
        | ((media: MediaWithVariants, trx: HookTransaction | CallersTransaction) => Promise<void>)
        | undefined,
    ) {
      if (!hook) return undefined
      return (media: MediaWithVariants) =>
        callers ? hook(media, callers) : lendTransaction(on, kind, (lent) => hook(media, lent))
    },
  }
}
