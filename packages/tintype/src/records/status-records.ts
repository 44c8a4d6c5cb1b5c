import type { Kysely } from 'kysely'
import type { Ledger } from './schema.ts'

/** What is under way, for people who look at a running server. */
export interface StatusRecords {
  /** Rows of the ledger's tables, counted one by one: not to be asked all the time where there are millions. */
  count(): Promise<Record<CountedTable, number>>
  /** Direct and resumable uploads that have not ended, the latest first. */
  uploads(now: number, limit: number): Promise<UploadUnderWay[]>
  /** What is to be deleted next. */
  deletions(limit: number): Promise<DeletionToCome[]>
}

const counted = ['media', 'variant', 'version', 'upload', 'sweep'] as const
export type CountedTable = (typeof counted)[number]

/** An upload that has not ended. */
export interface UploadUnderWay {
  /** Of the session. */
  id: string
  /** As it was announced. */
  type: string
  /** As they were announced. */
  bytes: number
  /** Milliseconds since the epoch. */
  createdAt: number
  /** Milliseconds since the epoch. */
  expiresAt: number
}

/** A key on the sweep list. */
export interface DeletionToCome {
  /** Of the bucket. */
  key: string
  /** Milliseconds since the epoch. */
  dueAt: number
  /** How often it was tried and failed. */
  attempts: number
  /** What the last attempt failed with. */
  error: string | null
}

export function createStatusRecords(db: Kysely<Ledger>): StatusRecords {
  const count = async (table: CountedTable) => {
    const { n } = await db
      .selectFrom(table)
      .select((e) => e.fn.countAll().as('n'))
      .executeTakeFirstOrThrow()
    return [table, Number(n)] as const
  }
  return {
    async count() {
      const all = await Promise.all(counted.map(count))
      return Object.fromEntries(all) as Record<CountedTable, number>
    },
    uploads: (now, limit) =>
      db
        .selectFrom('upload')
        .select(['id', 'type', 'bytes', 'created_at as createdAt', 'expires_at as expiresAt'])
        .where('media_id', 'is', null)
        .where('refusal', 'is', null)
        .where('expires_at', '>', now)
        .orderBy('created_at', 'desc')
        .limit(limit)
        .execute(),
    deletions: (limit) =>
      db
        .selectFrom('sweep')
        .select(['key', 'due_at as dueAt', 'attempts', 'error'])
        .orderBy('due_at')
        .limit(limit)
        .execute(),
  }
}
