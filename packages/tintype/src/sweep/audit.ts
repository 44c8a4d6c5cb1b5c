import { answeredAboutObject, type Bucket } from '../bucket/bucket.ts'
import { type BucketListing, type ListedObject, MayNotList } from '../bucket/listing.ts'
import type { Clock } from '../clock.ts'
import type { NamedKey, RecordedObject } from '../records/audit-records.ts'
import type { Records } from '../records/records.ts'
import { createChecksumCheck } from './audit-checksum.ts'
import { mergeByKey, pairByKey } from './audit-merge.ts'
import { auditMultiparts } from './audit-multiparts.ts'
import { stuckAfter } from './deletion.ts'
import { inParallel } from './parallel.ts'

/** A difference between bucket and ledger. Times are ISO 8601. */
export type Finding =
  /** In the bucket, but named neither by media nor by the sweep list. */
  | { type: 'orphan'; key: string; bytes: number; modified: string; repaired: boolean }
  /** Visible, but its object is gone. */
  | { type: 'dangling'; key: string; media: string; name: string }
  /** Visible, but the object has another size than the ledger says. */
  | { type: 'size'; key: string; media: string; name: string; expected: number; found: number }
  /** Visible, but the object's SHA-256 is another than the ledger says. */
  | { type: 'checksum'; key: string; media: string; name: string; expected: string; found: string }
  /** Visible, but S3 refuses to give its SHA-256: it is archived, or encrypted with a key that is denied. */
  | { type: 'unreadable'; key: string; media: string; name: string; error: string }
  /** Visible, and on the sweep list: it is going to be deleted. */
  | { type: 'scheduled'; key: string; media: string; name: string }
  /** Removed or replaced, and can be had again, but an object of it is gone or has another size. */
  | { type: 'unrestorable'; key: string; media: string; expected: number; found?: number }
  /** The original of a media that was lost is here again: `tintype restore` makes it visible. */
  | { type: 'returned'; key: string }
  /** An S3 multipart upload in progress that no session is going to complete or abort. */
  | { type: 'multipart'; key: string; uploadId: string; initiated: string; repaired: boolean; error?: string }
  /** On the sweep list, and its deletion keeps failing. */
  | { type: 'stuck'; key: string; attempts: number; due: string; error: string | null }

export interface AuditTotals {
  /** In the bucket, below our prefix. */
  objects: number
  /** Of these, named by visible media, and by the sweep list alone. */
  visible: number
  scheduled: number
  /** Of those on the sweep list, needed by what can be had again. */
  restorable: number
  /** Multipart uploads in progress; 'denied' when S3 does not let us ask, so those without an owner stay unseen. */
  multiparts: number | 'denied'
  /** Objects whose SHA-256 was compared. */
  checksums: number
  findings: Record<Finding['type'], number>
}

export interface AuditOptions {
  records: Pick<Records, 'audit' | 'sweep'>
  listing: BucketListing
  bucket: Pick<Bucket, 'head' | 'open' | 'abortMultipart' | 'keyPrefix'>
  clock: Clock
  /** Repairs what is older than this. Milliseconds. */
  grace: number
  /** Puts orphans on the sweep list, and aborts multipart uploads without an owner. Media are never touched. */
  repair: boolean
  /** Compares SHA-256 too: asks S3 for each original, and reads those whose checksum S3 doesn't know whole. */
  checksums: boolean
}

export interface Audit {
  /** Yields each finding as soon as it is made. Iterate once, to the end. */
  findings(): AsyncGenerator<Finding>
  /** Counts so far; whole when the findings have ended. */
  readonly totals: Readonly<AuditTotals>
}

type ChecksumOrRefusal = { sha256?: string | undefined; error?: string }

/** Candidates looked at again in one statement. */
const batchSize = 500
/** Requests to S3 at a time. */
const parallel = 16
const ledgerPage = 500
const mostRows = 10_000

/**
 * Walks bucket listing and ledger side by side, in constant memory, and reports every difference. Works on a live
 * system: the two are read at different times, so a difference is only a candidate, which is checked again before it is
 * reported, in an order that rules out every legal state.
 *
 * @throws {MayNotList} when S3 refuses s3:ListBucket
 * @example
 * const audit = createAudit({ records, listing, bucket, clock, grace: 86_400_000, repair: false, checksums: false })
 * for await (const finding of audit.findings()) console.log(finding)
 */
export function createAudit(options: AuditOptions): Audit {
  const { records, listing, bucket, clock, grace, repair, checksums } = options
  const totals: AuditTotals = {
    objects: 0,
    visible: 0,
    scheduled: 0,
    restorable: 0,
    multiparts: 0,
    checksums: 0,
    findings: {
      orphan: 0,
      dangling: 0,
      size: 0,
      checksum: 0,
      unreadable: 0,
      scheduled: 0,
      unrestorable: 0,
      returned: 0,
      multipart: 0,
      stuck: 0,
    },
  }
  const checksumOf = createChecksumCheck(bucket)
  const isOld = (time: number) => time <= clock.now() - grace

  async function* walk(): AsyncGenerator<Finding> {
    const { originals, variants, restorable } = records.audit
    const visible = mergeByKey(pages(originals), pages(variants), ledgerPage)
    const recorded = mergeByKey(visible, pages(restorable), ledgerPage)
    const listed = listing.objects(bucket.keyPrefix)
    for await (const pairs of pairByKey(listed, recorded, batchSize)) {
      totals.objects += pairs.filter(([object]) => object).length
      const unrecorded: ListedObject[] = []
      const candidates: RecordedObject[] = []
      const whole: RecordedObject[] = []
      for (const [object, record] of pairs) {
        if (!record) unrecorded.push(object as ListedObject)
        else if (object?.bytes !== record.bytes) candidates.push(record)
        else whole.push(record)
      }
      for (const one of whole) countWhole(one)
      yield* checkUnrecorded(unrecorded)
      yield* checkCandidates(candidates)
      if (checksums) yield* checkChecksums(whole)
    }
  }

  function countWhole(record: RecordedObject): void {
    if (isVisible(record)) totals.visible += 1
    else totals.restorable += 1
  }

  async function* pages(
    read: (after: string, limit: number) => Promise<RecordedObject[]>,
  ): AsyncGenerator<RecordedObject[]> {
    for (let after: string | undefined = ''; after !== undefined; ) {
      const page = await read(after, ledgerPage)
      after = page.length < ledgerPage ? undefined : page.at(-1)?.key
      yield page
    }
  }

  /**
   * First the ledger, then the bucket. A key is named before its object can exist, keeps a name until its object is
   * gone, and is never used again: what is in the bucket after nothing named it is an orphan.
   */
  async function* checkUnrecorded(objects: ListedObject[]): AsyncGenerator<Finding> {
    const named = byKey(await records.audit.named(objects.map((one) => one.key)))
    const orphans: ListedObject[] = []
    const returned: string[] = []
    for (const object of objects) {
      const name = named.get(object.key)
      if (!name) orphans.push(object)
      else if (name.isLost && !name.object && !name.sweep) returned.push(object.key)
      else if (name.object) totals.visible += 1
      else totals.scheduled += 1
    }
    for (const key of returned) yield { type: 'returned', key }
    const still = await inParallel(orphans, parallel, (one) => listing.object(one.key))
    const present = still.filter((one) => one !== undefined)
    const old = repair ? present.filter((one) => isOld(one.modified)) : []
    await records.audit.scheduleDeletion(
      old.map((one) => one.key),
      clock.now(),
    )
    for (const one of present) {
      const { key, bytes } = one
      yield { type: 'orphan', key, bytes, modified: iso(one.modified), repaired: old.includes(one) }
    }
  }

  /**
   * First the bucket, then the ledger. These were visible a moment ago, or could be had again, so their objects had been
   * written for good: a record that is still so after its object was found missing or changed has lost it.
   */
  async function* checkCandidates(candidates: RecordedObject[]): AsyncGenerator<Finding> {
    const objects = await inParallel(candidates, parallel, (one) => listing.object(one.key))
    const named = byKey(await records.audit.named(candidates.map((one) => one.key)))
    for (const [index, { key }] of candidates.entries()) {
      const name = named.get(key)
      const record = name?.object ?? name?.restorable
      const object = objects[index]
      if (!record) continue
      const { mediaId: media, name: variant, bytes: expected } = record
      if (object?.bytes === expected) countWhole(record)
      else if (!isVisible(record)) {
        yield { type: 'unrestorable', key, media, expected, ...(object ? { found: object.bytes } : {}) }
      } else if (!object) yield { type: 'dangling', key, media, name: variant }
      else yield { type: 'size', key, media, name: variant, expected, found: object.bytes }
    }
  }

  /** The same order as for other candidates. */
  async function* checkChecksums(recorded: RecordedObject[]): AsyncGenerator<Finding> {
    const known = recorded.filter((one) => one.sha256 !== null)
    const found = await inParallel(known, parallel, (one) => checksumOrRefusal(one.key))
    totals.checksums += found.filter((one) => one.sha256 !== undefined).length
    const candidates = known.flatMap((one, index) => {
      const { sha256, error } = found[index] as ChecksumOrRefusal
      const differs = sha256 !== undefined && sha256 !== one.sha256
      return differs || error !== undefined ? { ...one, found: sha256, error } : []
    })
    const named = byKey(await records.audit.named(candidates.map((one) => one.key)))
    for (const { key, mediaId: media, name, sha256, found, error } of candidates) {
      if (!named.get(key)?.object) continue
      if (error !== undefined) yield { type: 'unreadable', key, media, name, error }
      else yield { type: 'checksum', key, media, name, expected: String(sha256), found: String(found) }
    }
  }

  /** @throws when S3 does not answer: that says nothing about this object */
  async function checksumOrRefusal(key: string): Promise<ChecksumOrRefusal> {
    try {
      return { sha256: await checksumOf(key) }
    } catch (error) {
      if (!answeredAboutObject(error)) throw error
      const { cause, message } = error as Error
      return { error: cause instanceof Error ? cause.message : message }
    }
  }

  async function* multiparts(): AsyncGenerator<Finding> {
    let all = 0
    const isRepaired = (initiated: number) => repair && isOld(initiated)
    for await (const { count, lost } of auditMultiparts({
      audit: records.audit,
      listing,
      bucket,
      isRepaired,
    })) {
      all += count
      for (const { initiated, ...one } of lost) yield { type: 'multipart', ...one, initiated: iso(initiated) }
    }
    totals.multiparts = all
  }

  async function* ledgerAlone(): AsyncGenerator<Finding> {
    for (const { key, object } of await records.audit.scheduled(mostRows)) {
      yield { type: 'scheduled', key, media: object?.mediaId ?? '', name: object?.name ?? '' }
    }
    for (const { key, attempts, due_at, error } of await records.sweep.stuck(stuckAfter, mostRows)) {
      yield { type: 'stuck', key, attempts, due: iso(due_at), error }
    }
  }

  return {
    totals,
    async *findings() {
      for (const part of [ledgerAlone, walk, multiparts]) {
        try {
          for await (const finding of part()) {
            totals.findings[finding.type] += 1
            yield finding
          }
        } catch (error) {
          if (part !== multiparts || !(error instanceof MayNotList)) throw error
          totals.multiparts = 'denied'
        }
      }
    },
  }
}

function byKey(named: NamedKey[]): Map<string, NamedKey> {
  return new Map(named.map((one) => [one.key, one]))
}

const isVisible = ({ name }: RecordedObject) => name !== ''
const iso = (time: number) => new Date(time).toISOString()
