import { hash } from 'node:crypto'
import type { Bucket } from '../../bucket/bucket.ts'
import { isWorthRepeating } from '../../bucket/meaning.ts'
import { pause } from '../../bucket/retry.ts'
import type { Clock } from '../../clock.ts'
import { crashPoint } from '../../crash-points.ts'
import { TintypeError } from '../../errors.ts'
import type { LedgerMoves } from '../../records/ledger.ts'
import type { TailObject } from '../../records/resumable-records.ts'
import { lostByStorage } from './errors.ts'

/** Bytes from which on an object is never written again. */
const largeObject = 256 * 1024

export function bytesIn(tail: TailObject[]): number {
  return tail.reduce((sum, { bytes }) => sum + bytes, 0)
}

/**
 * Which objects stay when other bytes come behind them: the rest is written again together with these. So there are few of
 * them, since each small one is more than twice as large as the next, and a byte that came alone is written twenty times at
 * the most.
 */
export function remaining(tail: TailObject[], added: number, partBytes: number): TailObject[] {
  const large = Math.max(largeObject, partBytes / 20)
  let count = tail.length
  for (let size = added; count > 0; count--) {
    const { bytes } = tail[count - 1] as TailObject
    if (bytes >= large || bytes > 2 * size) break
    size += bytes
  }
  return tail.slice(0, count)
}

/**
 * Reads one of the objects of the bytes that are too few for a part.
 * @throws {TintypeError} `upload_gone` when they are not there any more, `storage_unavailable`
 */
export async function readTail(
  bucket: Pick<Bucket, 'read' | 'head'>,
  { key, bytes: size }: TailObject,
  signal: AbortSignal,
): Promise<Buffer> {
  try {
    const bytes = await bucket.read(key, { range: { start: 0, end: size }, signal })
    if (bytes.length === size) return bytes
  } catch (error) {
    // Where nobody may list, what is absent is denied: HEAD can tell.
    const found = await bucket.head(key).catch(() => null)
    throw found === undefined ? lostByStorage() : error
  }
  throw new TintypeError(
    'storage_unavailable',
    'The object storage gave another number of bytes than it has.',
  )
}

/** Milliseconds, all tries together. */
const longest = 45_000
const tries = 3

/**
 * Stores bytes that are too few for a part, under a key that is scheduled for deletion with the upload. Each try has a key
 * of its own: what failed may still arrive.
 */
export async function storeTail(
  {
    bucket,
    ledger,
    clock,
  }: {
    bucket: Pick<Bucket, 'put' | 'makeKey'>
    ledger: Pick<LedgerMoves, 'reserve' | 'discard'>
    clock: Clock
  },
  bytes: Buffer,
  dueAt: number,
  signal: AbortSignal,
): Promise<TailObject> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(longest)])
  const sha256 = hash('sha256', bytes, 'hex')
  for (let tried = 1; ; tried++) {
    const key = bucket.makeKey('tail', 'bin')
    await ledger.reserve([key], dueAt)
    try {
      await bucket.put(key, bytes, { type: 'application/octet-stream', sha256, signal: limit })
      crashPoint('resumable.tailStored')
      return { key, bytes: bytes.length }
    } catch (error) {
      await ledger.discard([key], clock.now()).catch(() => {})
      if (tried === tries || !isWorthRepeating(error) || !(await pause(tried, limit))) throw error
    }
  }
}
