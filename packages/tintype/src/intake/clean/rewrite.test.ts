import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { startLocalS3 } from '@tintype/local-s3'
import { sha256 } from '../../../../../test/support/direct.ts'
import { type Bucket, createBucket } from '../../bucket/bucket.ts'
import { appPolicy } from '../../bucket/policy.ts'
import { createTestClock } from '../../clock.ts'
import { silentLog } from '../../log.ts'
import type { Edit } from '../../privacy/cleaning.ts'
import { openRecords, type Records } from '../../records/records.ts'
import { createPendingKeys } from '../pending-keys.ts'
import { hashBoth, type RewriteOptions, rewriteObject } from './rewrite.ts'

const mebibyte = 1024 ** 2
const key = { accessKeyId: 'app', secretAccessKey: 'secret' }
const clip = readFileSync(new URL('../../../../../test/media/files/index-first.mp4', import.meta.url))

describe('an object that is written anew inside S3', () => {
  let directory: string
  let s3: Awaited<ReturnType<typeof startLocalS3>>
  let bucket: Bucket
  let records: Records
  let counts: Record<string, number>
  const clock = createTestClock(Date.now())
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tintype-rewrite-'))
    s3 = await startLocalS3({
      directory: join(directory, 's3'),
      identities: [{ ...key, policy: appPolicy('photos', { multipart: true }) }],
      buckets: ['photos'],
    })
    records = await openRecords(join(directory, 'tintype.db'))
  })
  after(async () => {
    await records.close()
    await s3.close()
    await rm(directory, { recursive: true })
  })
  beforeEach(() => {
    counts = {}
    const own = createBucket(
      { name: 'photos', endpoint: s3.url, credentials: key },
      { signReadTtl: 60, now: Date.now },
    )
    bucket = counted(own, counts)
  })
  afterEach(() => bucket.close())

  async function rewrite(
    bytes: Buffer,
    edits: Edit[],
    more: Partial<RewriteOptions> & { sha256?: string } = {},
  ) {
    const from = bucket.makeKey('original', 'mp4')
    await bucket.put(from, bytes, { type: 'video/mp4', sha256: sha256(bytes) })
    for (const name of Object.keys(counts)) delete counts[name]
    const { ledger } = records
    const pending = createPendingKeys({
      ledger,
      sweeper: { wake() {} },
      clock,
      log: silentLog,
      deadline: 60_000,
    })
    const { sha256: known, ...options } = more
    const made = await rewriteObject(
      { bucket, ledger, ...options },
      { key: from, type: 'video/mp4', size: bytes.length },
      edits,
      { pending, signal: pending.signal, sha256: known, reserve: (_, work) => work() },
    )
    const asked = { ...counts }
    const stored = await bucket.read(made.key, { range: { start: 0, end: bytes.length } })
    await pending.release()
    return { made, asked, stored }
  }
  const wanted = (bytes: Buffer, edits: Edit[]) => {
    const copy = Buffer.from(bytes)
    for (const { offset, bytes } of edits) copy.set(bytes, offset)
    return copy
  }
  const edit = (offset: number, length: number): Edit => ({ offset, bytes: Buffer.alloc(length, 0x5a) })

  test('a small one is read, and written by one PUT', async () => {
    const edits = [edit(100, 20)]
    const { made, asked, stored } = await rewrite(clip, edits)
    assert.ok(stored.equals(wanted(clip, edits)))
    assert.equal(made.sha256, sha256(stored))
    assert.deepEqual(asked, { read: 1, put: 1 })
  })

  test('of a large one the parts that change come by, and S3 copies the rest', async () => {
    const bytes = Buffer.alloc(40 * mebibyte, 'tintype ')
    const edits = [edit(3, 5), edit(20 * mebibyte, 9), edit(bytes.length - 50, 10)]
    const partLimits = () => ({ smallest: 5 * mebibyte, largestCopy: 8 * mebibyte })
    const { made, asked, stored } = await rewrite(bytes, edits, { partLimits })
    assert.ok(stored.equals(wanted(bytes, edits)))
    assert.equal(made.sha256, sha256(stored))
    assert.deepEqual(asked, {
      ...{ head: 2, createMultipart: 1, read: 3, putPart: 3, copyPart: 4, completeMultipart: 1, copy: 1 },
    })
  })

  test('one that is too large to be copied at once is not copied once more for its SHA-256', async () => {
    const bytes = Buffer.alloc(12 * mebibyte, 1)
    const edits = [edit(bytes.length - 9, 3)]
    const known = await rewrite(bytes, edits, { copyBytes: mebibyte, sha256: 'ab'.repeat(32) })
    assert.deepEqual(known.asked, {
      head: 1,
      createMultipart: 1,
      read: 1,
      putPart: 1,
      copyPart: 1,
      completeMultipart: 1,
    })
    const read = await rewrite(bytes, edits, { copyBytes: mebibyte })
    assert.equal(read.made.sha256, sha256(read.stored))
    assert.equal(read.asked.open, 1)
  })

  test('one read gives both hashes, of what is there and of what will be', async () => {
    const bytes = Buffer.alloc(3 * mebibyte, 'abc')
    const edits = [edit(mebibyte + 1, 200_000), edit(bytes.length - 2, 2)]
    const from = bucket.makeKey('original', 'mp4')
    await bucket.put(from, bytes, { type: 'video/mp4', sha256: sha256(bytes) })
    const { signal } = new AbortController()
    assert.deepEqual(await hashBoth(bucket, from, edits, signal), {
      sent: sha256(bytes),
      stored: sha256(wanted(bytes, edits)),
    })
    assert.deepEqual(await hashBoth(bucket, from, [], signal), { sent: sha256(bytes), stored: sha256(bytes) })
  })
})

/** Counts the operations on the bucket. */
function counted(bucket: Bucket, counts: Record<string, number>): Bucket {
  const observed = bucket
  return new Proxy(observed, {
    get(target, name: string) {
      const member = target[name as keyof Bucket]
      if (typeof member !== 'function' || name === 'makeKey' || name === 'close') return member
      return (...args: unknown[]) => {
        counts[name] = (counts[name] ?? 0) + 1
        return (member as (...args: unknown[]) => unknown)(...args)
      }
    },
  })
}
