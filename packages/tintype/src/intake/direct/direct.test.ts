import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { startLocalS3 } from '@tintype/local-s3'
import { largeVideo } from '../../../../../test/media/videos.ts'
import { type Bucket, createBucket } from '../../bucket/bucket.ts'
import { appPolicy } from '../../bucket/policy.ts'
import type { WriteUrl } from '../../bucket/write-url.ts'
import { createTestClock } from '../../clock.ts'
import { TintypeError } from '../../errors.ts'
import { noHooks } from '../../hooks/hooks.ts'
import { createRunHook } from '../../hooks/run.ts'
import { defaultLimits } from '../../inspect/limits.ts'
import { createVideoInspector } from '../../inspect/video-inspector.ts'
import { silentLog } from '../../log.ts'
import { createBudget } from '../../memory/budget.ts'
import { createBufferPool } from '../../memory/buffer-pool.ts'
import { createDecoderMemory } from '../../memory/decoder-memory.ts'
import { createQuotaKeeper } from '../../quotas/quotas.ts'
import { openRecords, type Records } from '../../records/records.ts'
import { createSweeper } from '../../sweep/sweeper.ts'
import { createDecoder } from '../../variants/decoder.ts'
import { createExamine, createExamineStored } from '../examine.ts'
import { createFinish } from '../finish.ts'
import { createPrepare } from '../prepare.ts'
import { createScanner } from '../scan/scan.ts'
import { createTransform } from '../transform.ts'
import type { OpenSession } from './begin.ts'
import type { Completed } from './complete.ts'
import { createDirect, type Direct } from './direct.ts'
import { checkAnnounced, partCount } from './session-plan.ts'

const mebibyte = 1024 ** 2
const hour = 3_600_000
const limits = { ...defaultLimits, videoBytes: 1024 ** 5 }

describe('a direct upload’s life, by the clock', () => {
  const decoder = createDecoder({ log: silentLog })
  const videos = createVideoInspector({ log: silentLog })
  const key = { accessKeyId: 'app', secretAccessKey: 'secret' }
  const admin = { accessKeyId: 'admin', secretAccessKey: 'secret' }
  let directory: string
  let clock: ReturnType<typeof createTestClock>
  let s3: Awaited<ReturnType<typeof startLocalS3>>
  let bucket: Bucket
  let everything: Bucket
  let records: Records
  let mp4: Buffer

  before(async () => {
    mp4 = await largeVideo(17 * mebibyte)
  })
  after(() => Promise.all([decoder.close(), videos.close()]))

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tintype-direct-'))
    clock = createTestClock(Date.now())
    s3 = await startLocalS3({
      directory: join(directory, 's3'),
      identities: [{ ...key, policy: appPolicy('photos', { multipart: true }) }, admin],
      buckets: ['photos'],
    })
    const times = { signReadTtl: 3600, now: clock.now }
    bucket = createBucket({ name: 'photos', endpoint: s3.url, credentials: key }, times)
    everything = createBucket({ name: 'photos', endpoint: s3.url, credentials: admin }, times)
    records = await openRecords(join(directory, 'tintype.db'), () => {})
  })
  afterEach(async () => {
    bucket.close()
    everything.close()
    await records.close()
    await s3.close()
    await rm(directory, { recursive: true })
  })

  function create({
    copyBytes,
    multipart = true,
    requireChecksum = false,
    ...parts
  }: {
    copyBytes?: number
    multipart?: boolean
    requireChecksum?: boolean
    records?: Records
    bucket?: Bucket
  } = {}) {
    const quotas = createQuotaKeeper(undefined, {
      usage: records.usage,
      run: createRunHook({ clock, log: silentLog }),
      time: 10_000,
      clock,
    })
    const common = { records, bucket, quotas, ...parts, clock, log: silentLog }
    const budget = createBudget({ bytes: 64 * mebibyte, wait: 1000, queue: 10, clock })
    const memory = createDecoderMemory({ bytes: 64 * mebibyte, uploads: budget, clock })
    const examine = createExamine({ limits, decoder, videos, memory })
    const privacy = { location: 'remove', identifiers: 'remove', credentials: 'remove' } as const
    const transform = createTransform({ examine, log: common.log })
    const credentials = { judge: async () => undefined }
    const prepare = createPrepare({ examine, transform, transformedBytes: 0, privacy, credentials })
    const app = { hooks: noHooks, prepare }
    const sweeper = createSweeper({ ...common, grace: 1000 })
    const scanner = createScanner({
      ...common,
      ledger: common.records.ledger,
      sweeper,
      deadline: 60_000,
      answerWithin: 1000,
      session: hour,
      count() {},
    })
    const direct = createDirect({
      ...common,
      scanner,
      sweeper,
      limits,
      multipart,
      requireChecksum,
      ...app,
      privacy,
      cleaning: { bucket: common.bucket, ledger: common.records.ledger, multipart },
      examineStored: createExamineStored({ videos }),
      finish: createFinish({
        ...common,
        ...app,
        scanner,
        sweeper,
        variants: { jobsFor: () => [], handOver() {}, wake() {} },
        deadline: 60_000,
        grace: 1000,
      }),
      budget,
      bufferPool: createBufferPool({ largest: 64 * mebibyte }),
      session: hour,
      signWrite: 900_000,
      deadline: 60_000,
      copyBytes,
    })
    return { direct, sweeper }
  }

  const announced = () =>
    checkAnnounced(
      { name: 'clip.mp4', type: 'video/mp4', size: mp4.length },
      { caption: null, fields: null },
      limits,
    )

  async function sendAll(direct: Direct, { row }: OpenSession, bytes: Buffer): Promise<WriteUrl[]> {
    const parts = Array.from({ length: partCount(row) }, (_, i) => slice(bytes, row.part_bytes as number, i))
    const request = { parts: parts.map((part, i) => ({ number: i + 1, sha256: hash(part) })) }
    const signed = await direct.sign(row.id, 'ann', request)
    for (const [i, { url, headers }] of signed.entries()) {
      const response = await fetch(url, { method: 'PUT', headers, body: parts[i] as Buffer<ArrayBuffer> })
      assert.equal(response.status, 200)
    }
    return signed
  }

  test('where each PUT needs a checksum, a small file without one goes in parts', async () => {
    const size = 1000
    const unknown = checkAnnounced(
      { name: 'a.jpg', type: 'image/jpeg', size },
      { caption: null, fields: null },
      limits,
    )
    const known = { ...unknown, sha256: '00'.repeat(32) }
    const { direct } = create({ requireChecksum: true })
    const { session } = await direct.begin('ann', unknown)
    assert.deepEqual([session.put, partCount(session.row)], [undefined, 1])
    assert.ok((await direct.begin('ann', known)).session.put)
    const whole = create({ requireChecksum: true, multipart: false }).direct
    assert.ok((await whole.begin('ann', known)).session.put)
    await assert.rejects(whole.begin('ann', unknown), { code: 'invalid_parameter', message: /sha256/ })
  })

  test('an object too large to be copied is hashed and published where it is', async () => {
    const { direct, sweeper } = create({ copyBytes: mebibyte })
    const { session } = await direct.begin('ann', announced())
    await sendAll(direct, session, mp4)
    const { media, isNew } = published(await direct.complete(session.row.id, 'ann', undefined))
    assert.ok(isNew)
    assert.equal(media.media.key, session.row.key)
    assert.equal(media.media.sha256, hash(mp4))
    assert.equal(Number(media.media.writable_until), session.row.expires_at)

    clock.advance(2 * hour)
    await sweeper.sweepDue()
    assert.ok(await bucket.head(media.media.key))
  })

  test('a copy is published under a key of its own, and the one that was written to is swept twice', async () => {
    const { direct, sweeper } = create()
    const { session } = await direct.begin('ann', announced())
    const [first] = await sendAll(direct, session, mp4)
    const { media } = published(await direct.complete(session.row.id, 'ann', undefined))
    assert.notEqual(media.media.key, session.row.key)
    assert.equal(media.media.sha256, hash(mp4))
    assert.equal(media.media.writable_until, null)
    await sweeper.sweepDue()
    assert.equal(await bucket.head(session.row.key), undefined)

    const late = await fetch(first?.url ?? '', { method: 'PUT', headers: first?.headers ?? {}, body: '' })
    assert.ok(late.status >= 400)
    clock.advance(hour + 1000)
    await sweeper.sweepDue()
    assert.equal(await records.sweep.nextDue(), session.row.due_at)
    assert.ok(await bucket.head(media.media.key))
  })

  test('no URL outlives its session, and afterwards everything of it is gone', async () => {
    const { direct, sweeper } = create()
    const { session } = await direct.begin('ann', announced())
    const { id, expires_at, key } = session.row
    const ask = () => direct.sign(id, 'ann', { parts: [{ number: 1, sha256: hash(mp4) }] })
    const seconds = async () => new URL((await ask())[0]?.url ?? '').searchParams.get('X-Amz-Expires')
    assert.equal(await seconds(), '900')
    clock.advance(hour - 10_000)
    assert.equal(await seconds(), '10')
    clock.advance(10_000)
    assert.equal(clock.now(), expires_at)
    await assert.rejects(ask(), { code: 'not_found' })
    await assert.rejects(direct.status(id, 'ann'), { code: 'not_found' })
    assert.deepEqual(await everything.openMultiparts(key), [session.row.s3_upload_id])

    clock.advance(60_000)
    await sweeper.sweepDue()
    assert.deepEqual(await everything.openMultiparts(key), [])
    await assert.rejects(direct.complete(id, 'ann', undefined), { code: 'not_found' })
    clock.advance(1000)
    await sweeper.sweepDue()
    assert.equal(await records.sweep.nextDue(), undefined)
  })

  test('what has landed when the session ends may still be completed for a while', async () => {
    const { direct } = create()
    const { session } = await direct.begin('ann', announced())
    await sendAll(direct, session, mp4)
    clock.advance(hour + 59_000)
    assert.ok(published(await direct.complete(session.row.id, 'ann', undefined)).isNew)
  })

  /** What a process misses that is suspended: the sweeper deletes what is at the key, twice, and forgets it. */
  async function sweepWithoutIt(): Promise<void> {
    const { sweeper } = create({ bucket: { ...bucket, openMultiparts: everything.openMultiparts } })
    for (let times = 0; times < 2; times++) {
      clock.advance(hour)
      await sweeper.sweepDue()
    }
    assert.equal(await records.sweep.nextDue(), undefined)
  }

  test('a process that wakes up when the sweeper has been and gone asks S3 for nothing', async () => {
    const { ledger } = records
    async function reserve(...args: Parameters<typeof ledger.reserve>) {
      await ledger.reserve(...args)
      await sweepWithoutIt()
    }
    const createMultipart = () => assert.fail('asked')
    const { direct } = create({
      records: { ...records, ledger: { ...ledger, reserve } },
      bucket: { ...bucket, createMultipart },
    })
    await assert.rejects(direct.begin('ann', announced()), { code: 'overloaded' })
  })

  test('an S3 upload whose id was lost is looked for, also at a key that was forgotten meanwhile', async () => {
    let created = ''
    async function createMultipart(...args: Parameters<Bucket['createMultipart']>): Promise<string> {
      await sweepWithoutIt()
      created = await bucket.createMultipart(...args)
      throw new TintypeError('storage_unavailable', 'The reply was lost.')
    }
    const { direct } = create({ bucket: { ...bucket, createMultipart } })
    await assert.rejects(direct.begin('ann', announced()), { code: 'storage_unavailable' })
    const [row] = await records.sweep.lease(clock.now(), clock.now(), 1)
    assert.ok(row)
    assert.deepEqual(await everything.openMultiparts(row.key), [created])
    await sweepWithoutIt()
    assert.deepEqual(await everything.openMultiparts(row.key), [])
  })

  test('a PUT that comes after its session was given up is deleted again', async () => {
    const { direct, sweeper } = create()
    const bytes = mp4.subarray(0, mebibyte)
    const file = checkAnnounced(
      { name: 'a.mp4', type: 'video/mp4', size: bytes.length, sha256: hash(bytes) },
      { caption: null, fields: null },
      limits,
    )
    const { session } = await direct.begin('ann', file)
    await direct.cancel(session.row.id, 'ann')
    await sweeper.sweepDue()
    const { url, headers } = session.put as WriteUrl
    const response = await fetch(url, { method: 'PUT', headers, body: bytes as Buffer<ArrayBuffer> })
    assert.equal(response.status, 200)
    assert.ok(await bucket.head(session.row.key))
    clock.advance(hour + 1000)
    await sweeper.sweepDue()
    assert.equal(await bucket.head(session.row.key), undefined)
    assert.equal(await records.sweep.nextDue(), undefined)
  })
})

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function slice(bytes: Buffer, size: number, index: number): Buffer {
  return bytes.subarray(index * size, (index + 1) * size)
}

function published(done: Completed): Extract<Completed, { media: unknown }> {
  assert('media' in done)
  return done
}
