/** Cleaning of what is there already. */
import type { Cleaned, KnownType } from '@tintype/protocol'
import type { Bucket } from '../../bucket/bucket.ts'
import type { Clock } from '../../clock.ts'
import { TintypeError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { type Cleaning, fromMemory } from '../../privacy/cleaning.ts'
import { planCleaning } from '../../privacy/plan-cleaning.ts'
import type { Policy } from '../../privacy/policy.ts'
import type { Records } from '../../records/records.ts'
import type { MediaRow } from '../../records/schema.ts'
import { inParallel } from '../../sweep/parallel.ts'
import { createPendingKeys } from '../pending-keys.ts'
import { toCleaned } from './cleaned.ts'
import { rewriteObject, smallObject } from './rewrite.ts'
import { planStored } from './stored.ts'

/** What became of a media. */
export type CleanOutcome = { id: string; name: string } & (
  | { outcome: 'cleaned' | 'unchanged'; cleaned: Cleaned }
  /** It was removed or replaced meanwhile. */
  | { outcome: 'gone' }
  | { outcome: 'failed'; error: string }
)

export interface CleanAgainOptions {
  records: Pick<Records, 'clean' | 'ledger'>
  bucket: Bucket
  policy: Policy
  /** Whether objects may be put together of parts. */
  multipart: boolean
  clock: Clock
  log: Log
  /** Milliseconds until an unfinished write is swept. */
  deadline: number
  /** Milliseconds that old bytes stay readable, for those who are reading them. */
  grace: number
  /** Whether also those are looked at that were looked at before. */
  again: boolean
  /** Finds, and changes nothing. */
  dryRun: boolean
}

const pageSize = 100
const atOnce = 2
/** A picture of this size is read as a whole; of larger ones, and of videos, ranges are. Bytes. */
const readWhole = 32 * 1024 ** 2

/**
 * Goes over the media that were never cleaned, and cleans them: each gets its new original in one transaction, unless it
 * was removed or replaced meanwhile. Servers may run, and so may other cleanings. After a crash call it again: it goes on with
 * what is left.
 */
export async function* cleanAgain(options: CleanAgainOptions): AsyncGenerator<CleanOutcome> {
  const { records, again } = options
  let last = ''
  for (;;) {
    const page = await records.clean.after(last, pageSize, again)
    // A few at a time, so that what is told of them comes soon.
    for (let at = 0; at < page.length; at += atOnce) {
      yield* await inParallel(page.slice(at, at + atOnce), atOnce, (media) => cleanOrTell(options, media))
    }
    if (page.length < pageSize) return
    last = page.at(-1)?.id ?? last
  }
}

async function cleanOrTell(options: CleanAgainOptions, media: MediaRow): Promise<CleanOutcome> {
  const { id, name } = media
  try {
    return { id, name, ...(await cleanOne(options, media)) }
  } catch (error) {
    // Without the database there is nothing to go on with.
    if (error instanceof TintypeError && error.code === 'database_unavailable') throw error
    const cause = error instanceof TintypeError && error.cause instanceof Error ? error.cause : error
    return { id, name, outcome: 'failed', error: cause instanceof Error ? cause.message : String(cause) }
  }
}

type Outcome = { outcome: 'cleaned' | 'unchanged'; cleaned: Cleaned } | { outcome: 'gone' }

async function cleanOne(options: CleanAgainOptions, media: MediaRow): Promise<Outcome> {
  const { records, bucket, policy, multipart, dryRun } = options
  const cleaning = await look(bucket, media, policy)
  const isOut = cleaning.edits.length > 0 && (multipart || Number(media.bytes) <= smallObject)
  const cleaned = toCleaned(isOut ? cleaning : kept(cleaning), policy)
  if (dryRun) return { outcome: isOut ? 'cleaned' : 'unchanged', cleaned }
  const isThere = isOut
    ? await replace(options, media, cleaning, JSON.stringify(cleaned))
    : await records.clean.note(media.id, media.key, JSON.stringify(cleaned))
  return isThere ? { outcome: isOut ? 'cleaned' : 'unchanged', cleaned } : { outcome: 'gone' }
}

async function look(bucket: Bucket, media: MediaRow, policy: Policy): Promise<Cleaning> {
  const { key, kind, type } = media
  const size = Number(media.bytes)
  const read = (start: number, end: number) => bucket.read(key, { range: { start, end } })
  if (kind === 'video' || size > readWhole) return planStored({ size, read }, type, policy)
  const bytes = await read(0, size)
  if (bytes.length !== size)
    throw new Error(`It has ${bytes.length} bytes in the bucket, and should have ${size}.`)
  return planCleaning(fromMemory(bytes), type, policy)
}

/** What was found stays: there was nothing to remove, or it can't be. */
function kept(cleaning: Cleaning): Cleaning {
  if (cleaning.edits.length === 0) return cleaning
  return {
    ...cleaning,
    found: { location: false, identifiers: false, other: false },
    unsure: 'The storage can’t change a file of this size, so what was found in it is still there.',
  }
}

async function replace(
  options: CleanAgainOptions,
  media: MediaRow,
  { edits }: Cleaning,
  cleaned: string,
): Promise<boolean> {
  const { records, bucket, clock, log, deadline, grace } = options
  const { ledger } = records
  const pending = createPendingKeys({ ledger, sweeper: { wake() {} }, clock, log, deadline })
  try {
    const object = { key: media.key, type: media.type as KnownType, size: Number(media.bytes) }
    const made = await rewriteObject({ bucket, ledger }, object, edits, {
      pending,
      signal: pending.signal,
      reserve: (_, work) => work(),
    })
    const dueAt = await pending.confirm()
    const next = { id: media.id, oldKey: media.key, sha256: made.sha256, cleaned }
    return await ledger.replaceCleaned({ ...next, pending: { key: made.key, dueAt } }, clock.now() + grace)
  } finally {
    await pending.release()
  }
}
