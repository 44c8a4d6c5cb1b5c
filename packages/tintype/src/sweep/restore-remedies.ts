import type { Bucket } from '../bucket/bucket.ts'
import type { Clock } from '../clock.ts'
import { crashPoint } from '../crash-points.ts'
import { jobFor } from '../derive/configured.ts'
import type { Records } from '../records/records.ts'
import type { LostTable, VariantJobRow, VariantRow } from '../records/schema.ts'
import { posterName, readRecipe } from '../variants/variant-spec.ts'
import type { Finding } from './audit.ts'

/**
 * A difference between a database that was put back and the bucket of now, and what was done about it; in a check the latter
 * is left out. Times are ISO 8601.
 */
export type RestoreFinding =
  /** In the bucket, and unknown to the database: it came later. It is deleted after `until`. */
  | { type: 'newer'; key: string; bytes: number; modified: string; until?: string }
  /**
   * Visible, but its original is gone or is another. It was whole at `lastKnown`. It is out of sight now, or, where a foreign
   * key of the app's refers to it, it is not.
   */
  | {
      type: 'lost'
      key: string
      media: string
      why: 'missing' | 'size' | 'checksum'
      lastKnown: string
      outcome?: 'moved' | 'referenced'
    }
  /** A variant of a visible media is gone or is another: it is made anew, or, where that can't be, dropped. */
  | { type: 'variant'; key: string; media: string; name: string; outcome?: 'planned' | 'dropped' }
  /** Removed or replaced, and an object is gone that it takes to have it again: without its original it can't be had. */
  | { type: 'version'; key: string; media: string; lastKnown: string; outcome?: 'version' | 'variant' }
  /** It was lost, and its original is here again: it is visible. */
  | { type: 'returned'; key: string; media: string }
  /** A multipart upload in progress that the database doesn't know. It is aborted after `until`. */
  | { type: 'multipart'; key: string; uploadId: string; initiated: string; until?: string; error?: string }
  /** Visible, but S3 refuses to give its SHA-256. */
  | { type: 'unreadable'; key: string; media: string; name: string; error: string }
  /** Visible, and on the sweep list: the dump is not of one moment. */
  | { type: 'scheduled'; key: string; media: string }

export interface RemedyOptions {
  records: Pick<Records, 'audit' | 'restore'>
  bucket: Pick<Bucket, 'abortMultipart'>
  clock: Clock
  isCheck: boolean
  /** When what is newer, or of no use any more, is deleted. */
  dueAt: number
  /** The latest date of the database. */
  lastKnown: number
}

type Orphan = Extract<Finding, { type: 'orphan' }>

/** What is done about each difference that the audit finds. Never deletes anything itself: it schedules. */
export function createRemedies({ records, bucket, clock, isCheck, dueAt, lastKnown }: RemedyOptions) {
  const { restore, audit } = records
  const until = isCheck ? {} : { until: iso(dueAt) }

  async function lost({ key, media, type }: Visible): Promise<RestoreFinding | undefined> {
    const why: LostTable['why'] = type === 'dangling' ? 'missing' : type
    const finding = { type: 'lost', key, media, why, lastKnown: iso(lastKnown) } as const
    if (isCheck) return finding
    const about = { key, media_id: media, why, last_known_at: lastKnown, lost_at: clock.now() }
    const outcome = await restore.lose(about, dueAt)
    crashPoint('putBack.lost')
    return outcome === 'changed' ? undefined : { ...finding, outcome }
  }

  async function variant({ key, media, name, type }: Visible): Promise<RestoreFinding | undefined> {
    const finding = { type: 'variant', key, media, name } as const
    if (isCheck) return finding
    const outcome = await restore.loseVariant(media, key, {
      ...(type === 'dangling' ? {} : { dueAt }),
      jobFor: (row) => jobToRemake(row, clock.now()),
    })
    return outcome === 'changed' ? undefined : { ...finding, outcome }
  }

  async function version({
    key,
    media,
  }: {
    key: string
    media: string
  }): Promise<RestoreFinding | undefined> {
    const finding = { type: 'version', key, media, lastKnown: iso(lastKnown) } as const
    if (isCheck) return finding
    const outcome = await restore.loseVersion(media, key, clock.now())
    return outcome === 'changed' ? undefined : { ...finding, outcome }
  }

  async function multipart({ key, uploadId, initiated }: Multipart): Promise<RestoreFinding> {
    const finding = { type: 'multipart', key, uploadId, initiated, ...until } as const
    if (isCheck || (await restore.scheduleMultipart(key, uploadId, dueAt))) return finding
    const outcome = await bucket.abortMultipart(key, uploadId)
    return outcome === 'denied' ? { ...finding, error: 'It may not be aborted with this key.' } : finding
  }

  async function deal(one: Finding): Promise<RestoreFinding | undefined> {
    switch (one.type) {
      case 'dangling':
      case 'size':
      case 'checksum':
        return one.name === 'original' ? lost(one) : variant(one)
      case 'unrestorable':
        return version(one)
      case 'multipart':
        return multipart(one)
      case 'unreadable':
        return one
      case 'scheduled':
        return { type: 'scheduled', key: one.key, media: one.media }
      default:
        return undefined
    }
  }

  return {
    async *newer(objects: Orphan[]): AsyncGenerator<RestoreFinding> {
      if (!isCheck) {
        await audit.scheduleDeletion(
          objects.map((one) => one.key),
          dueAt,
        )
        if (objects.length > 0) crashPoint('putBack.scheduled')
      }
      for (const { key, bytes, modified } of objects) yield { type: 'newer', key, bytes, modified, ...until }
    },

    async *difference(one: Finding): AsyncGenerator<RestoreFinding> {
      const finding = await deal(one)
      if (finding) yield finding
    },
  }
}

type Visible = Extract<Finding, { type: 'dangling' | 'size' | 'checksum' }>
type Multipart = Extract<Finding, { type: 'multipart' }>

/** By the rule by which it was made. The poster of a video is made of the video, at its upload alone. */
export function jobToRemake(row: VariantRow, now: number): VariantJobRow | undefined {
  const spec = row.name === posterName ? undefined : readRecipe(row.name, row.recipe ?? '')
  return spec && jobFor(row.media_id, spec, now)
}

const iso = (time: number) => new Date(time).toISOString()
