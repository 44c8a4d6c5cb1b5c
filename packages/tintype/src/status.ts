import type { Clock } from './clock.ts'
import type { Budget } from './memory/budget.ts'
import type { Records } from './records/records.ts'
import type { DeletionToCome, UploadUnderWay } from './records/status-records.ts'
import { stuckAfter } from './sweep/deletion.ts'

/** What is under way at this moment: in this process, and in the ledger that all processes share. */
export interface Status {
  /** Of this process. Bytes that uploads use, may use, and how many uploads wait for some. */
  memory: { used: number; limit: number; waiting: number }
  /** Of this process: files that wait for a child process to look into them. */
  decoders: { of: string; waiting: number }[]
  /** Of this process: files that the app scans, and that wait for it. */
  scans: { running: number; waiting: number }
  /** Rows of the ledger, by table. */
  ledger: Record<string, number>
  /** Direct uploads that have not ended, the latest twenty. */
  uploads: UploadUnderWay[]
  /** Keys that should have been deleted by now, since when, how many fail and fail, and the next twenty. */
  deletions: { due: number; oldest: number | undefined; stuck: number; next: DeletionToCome[] }
  /** Variants to be made, and those that were given up, by the code of the error. */
  variants: { pending: number; failed: { name: string; code: string; count: number }[] }
  /** Events that have still to be delivered, and that were given up, for each consumer. */
  outbox: { consumer: string; pending: number; failed: number }[]
}

const shown = 20

export function createStatus({
  budget,
  workers,
  scanner,
  records,
  clock,
}: {
  budget: Budget
  workers: Record<string, { readonly waiting: number }[]>
  scanner: { readonly running: number; readonly waiting: number }
  records: Pick<Records, 'audit' | 'outbox' | 'status' | 'variants'>
  clock: Clock
}): () => Promise<Status> {
  return async () => {
    const now = clock.now()
    const [ledger, uploads, backlog, next, variants, outbox] = await Promise.all([
      records.status.count(),
      records.status.uploads(now, shown),
      records.audit.backlog(now, stuckAfter),
      records.status.deletions(shown),
      records.variants.backlog(),
      records.outbox.backlog(),
    ])
    return {
      memory: { used: budget.used, limit: budget.bytes, waiting: budget.waiting },
      decoders: Object.entries(workers).map(([of, lines]) => ({
        of,
        waiting: lines.reduce((sum, { waiting }) => sum + waiting, 0),
      })),
      scans: { running: scanner.running, waiting: scanner.waiting },
      ledger,
      uploads,
      deletions: { ...backlog, next },
      variants: { pending: variants.pending, failed: variants.failed },
      outbox: outbox.map(({ consumer, pending, failed }) => ({ consumer, pending, failed })),
    }
  }
}
