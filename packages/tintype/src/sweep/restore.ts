import type { Bucket } from '../bucket/bucket.ts'
import type { BucketListing } from '../bucket/listing.ts'
import type { Clock } from '../clock.ts'
import { crashPoint } from '../crash-points.ts'
import type { Heartbeat } from '../records/heartbeat-records.ts'
import type { Records } from '../records/records.ts'
import { type Audit, type AuditTotals, createAudit, type Finding } from './audit.ts'
import { type HeartbeatNote, type NoteBucket, readNote, writeNote } from './heartbeat-note.ts'
import { createRemedies, type RestoreFinding } from './restore-remedies.ts'
import { bringBackLost } from './restore-returned.ts'

export type { RestoreFinding } from './restore-remedies.ts'

export interface RestoreOptions {
  records: Pick<Records, 'audit' | 'sweep' | 'heartbeat' | 'restore'>
  listing: BucketListing
  bucket: Pick<Bucket, 'head' | 'open' | 'abortMultipart' | 'keyPrefix'> & NoteBucket
  clock: Clock
  /** Milliseconds after which the sweeper deletes what is newer than the database, and what the database had scheduled. */
  grace: number
  /** Compares SHA-256 too, as the audit does. */
  checksums: boolean
  /** Looks, and changes nothing. */
  isCheck: boolean
  /** The moment that is looked at: what the database needed then. @default its latest state */
  at?: number | undefined
}

/** Of the database as it was found. Times are milliseconds since the epoch. */
export interface RestoreTotals {
  /** The latest date in it: something happened then. */
  database: number | undefined
  /** The latest date that the bucket has noted of this database. */
  bucket: number | undefined
  /** The database is older than the bucket's note of it. */
  isPutBack: boolean
  /** The oldest moment to which one can go back without loss. */
  wholeSince: number | undefined
  audit: Readonly<AuditTotals>
  findings: Record<RestoreFinding['type'], number>
  /** Of the findings, how many mean that something is lost, or could not be dealt with. */
  lost: number
}

export interface Restore {
  /** Yields each finding as soon as it is made and, unless it is a check, dealt with. Iterate once, to the end. */
  findings(): AsyncGenerator<RestoreFinding>
  readonly totals: Readonly<RestoreTotals>
}

/** New objects that are scheduled in one statement. */
const batch = 200

/**
 * Makes a database that was put back to an older state agree with the bucket of now. First every date of it is moved on, so
 * that nothing it had scheduled is deleted soon; then listing and ledger are walked side by side, as the audit does, and each
 * difference is dealt with; at last the database gets a date that is newer than the bucket's note, after which servers delete
 * again. Constant memory; each step may be repeated, so that after a crash it is simply called again.
 *
 * @throws {MayNotList} when S3 refuses s3:ListBucket; {TintypeError} `storage_unavailable`, `database_unavailable`
 * @example
 * const restore = createRestore({ records, listing, bucket, clock, grace: 604_800_000, checksums: false, isCheck: true })
 * for await (const finding of restore.findings()) console.log(finding)
 */
export function createRestore(options: RestoreOptions): Restore {
  const { records, bucket, clock, grace, isCheck, at } = options
  const audit: Audit = createAudit({ ...options, repair: false })
  const totals: RestoreTotals = {
    database: undefined,
    bucket: undefined,
    isPutBack: false,
    wholeSince: undefined,
    audit: audit.totals,
    findings: {
      newer: 0,
      lost: 0,
      variant: 0,
      version: 0,
      returned: 0,
      multipart: 0,
      unreadable: 0,
      scheduled: 0,
    },
    lost: 0,
  }

  async function look(): Promise<{ state: Heartbeat; note: HeartbeatNote | undefined }> {
    const state = await records.heartbeat.read()
    const note = await readNote(bucket, state.ledgerId)
    totals.database = Math.max(state.at, (await records.restore.latest()) ?? 0) || undefined
    totals.bucket = note?.at
    totals.isPutBack = note !== undefined && state.at < note.at
    totals.wholeSince = Math.max(state.wholeSince, note?.wholeSince ?? 0) || undefined
    return { state, note }
  }

  async function* walk(dueAt: number): AsyncGenerator<RestoreFinding> {
    const remedies = createRemedies({ ...options, dueAt, lastKnown: totals.database ?? 0 })
    const newer: Extract<Finding, { type: 'orphan' }>[] = []
    for await (const one of audit.findings()) {
      if (one.type === 'orphan') newer.push(one)
      else yield* remedies.difference(one)
      if (newer.length >= batch) yield* remedies.newer(newer.splice(0))
    }
    yield* remedies.newer(newer)
  }

  /** From here on servers delete again: so it comes last. The database first, as ever. */
  async function finish({ note }: Awaited<ReturnType<typeof look>>): Promise<void> {
    for (;;) {
      const state = await records.heartbeat.read()
      const at = Math.max(clock.now(), state.at + 1, (note?.at ?? 0) + 1)
      const wholeSince = Math.max(state.wholeSince, note?.wholeSince ?? 0)
      if (!(await records.heartbeat.move(state, { at, wholeSince }))) continue
      crashPoint('putBack.moved')
      await writeNote(bucket, { ...state, at, wholeSince })
      return
    }
  }

  async function* all(): AsyncGenerator<RestoreFinding> {
    const found = await look()
    const dueAt = clock.now() + grace
    if (!isCheck) {
      await records.restore.postponeAll(dueAt)
      crashPoint('putBack.postponed')
    }
    yield* bringBackLost(options)
    yield* walk(dueAt)
    if (!isCheck) await finish(found)
  }

  return {
    totals,
    async *findings() {
      for await (const one of all()) {
        if (at !== undefined && !(await isOf(one, at))) continue
        totals.findings[one.type] += 1
        if (isLoss(one)) totals.lost += 1
        yield one
      }
    },
  }

  /** Whether a finding is about what the database needed at that moment. */
  async function isOf(one: RestoreFinding, at: number): Promise<boolean> {
    if (one.type !== 'lost' && one.type !== 'variant' && one.type !== 'version') return true
    return records.restore.isNeededAt(one.media, one.key, at)
  }

  function isLoss(one: RestoreFinding): boolean {
    switch (one.type) {
      case 'newer':
      case 'returned':
        return false
      case 'variant':
        return one.outcome !== 'planned'
      case 'multipart':
        return one.error !== undefined
      default:
        return true
    }
  }
}
