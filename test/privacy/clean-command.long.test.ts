import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { createCleanReport } from '../../packages/server/src/commands/clean-report.ts'
import { type Bucket, createBucket } from '../../packages/tintype/src/bucket/bucket.ts'
import {
  type CleanAgainOptions,
  type CleanOutcome,
  cleanAgain,
} from '../../packages/tintype/src/intake/clean/clean-again.ts'
import { silentLog } from '../../packages/tintype/src/log.ts'
import { openRecords, type Records } from '../../packages/tintype/src/records/records.ts'
import { photo } from '../media/photos.ts'
import { largeVideo, withPlace } from '../media/videos.ts'
import { sha256 } from '../support/direct.ts'
import { appCredentials, bucketName, type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

const clip = withPlace(readFileSync(new URL('../media/files/index-at-end.mp4', import.meta.url)))
const long = withPlace(await largeVideo(9 * 1024 ** 2, { index: 'last' }))
const gif = await photo({ type: 'image/gif' })
const place = '+51.5000'
const policy = { location: 'remove', identifiers: 'remove', credentials: 'remove' } as const

describe('tintype clean, of what is there already', () => {
  let app: StorageApp
  let records: Records
  let bucket: Bucket
  let database: DatabaseSync
  before(async () => {
    app = await startStorageApp({ privacy: { location: 'keep', identifiers: 'keep' } })
    records = await openRecords(app.database)
    database = new DatabaseSync(app.database)
    bucket = createBucket(
      { name: bucketName, endpoint: app.proxy.url, credentials: appCredentials },
      { signReadTtl: 60, now: app.clock.now },
    )
  })
  after(async () => {
    bucket.close()
    database.close()
    await records.close()
    await app.stop()
  })
  afterEach(async () => {
    delete app.proxy.faults.before
    for (const { id } of (await app.tintype.media.list({ limit: 100 })).media)
      await app.tintype.media.remove(id)
  })

  /** As before Tintype cleaned. */
  const old = async (bytes: Buffer): Promise<Media> => {
    const media = await app.tintype.media.create(bytes, { owner: 'ann' })
    database.prepare('update tintype_media set cleaned = null where id = ?').run(media.id)
    return media
  }
  const clean = async (more: Partial<CleanAgainOptions> = {}): Promise<CleanOutcome[]> => {
    const outcomes: CleanOutcome[] = []
    const all = cleanAgain({
      ...{ records, bucket, policy, multipart: true, again: false, dryRun: false },
      ...{ clock: app.clock, log: silentLog, deadline: 60_000, grace: 1000 },
      ...more,
    })
    for await (const outcome of all) outcomes.push(outcome)
    return outcomes
  }
  const now = async ({ id }: Media) => (await app.tintype.media.get(id, { owner: 'ann' })) as Media
  const bytesOf = async ({ urls }: Media) => Buffer.from(await (await fetch(urls.original)).arrayBuffer())
  test('each gets its original without what is private; all else stays', async () => {
    const [small, large, plain] = [await old(clip), await old(long), await old(gif)]
    assert.equal((await now(small)).cleaned, null)
    const outcomes = await clean()
    assert.deepEqual(outcomes.map(({ outcome }) => outcome).sort(), ['cleaned', 'cleaned', 'unchanged'])
    for (const [before, sent] of [
      [small, clip],
      [large, long],
    ] as const) {
      const media = await now(before)
      const stored = await bytesOf(media)
      assert.ok(!stored.includes(place))
      assert.equal(stored.length, sent.length)
      assert.deepEqual([media.sha256, media.sentSha256], [sha256(stored), sha256(sent)])
      assert.deepEqual([media.revision, media.cleaned?.location], [before.revision + 1, true])
      assert.deepEqual([media.name, media.createdAt], [before.name, before.createdAt])
    }
    assert.equal((await now(plain)).cleaned?.location, false)
    assert.equal((await now(plain)).sha256, plain.sha256)
    assert.deepEqual(await clean(), [], 'a second time there is nothing left to look at')
  })

  test('what was read while it was cleaned stays readable for a while, then goes', async () => {
    const media = await old(clip)
    await clean()
    assert.equal((await bytesOf(media)).length, clip.length)
    const { urls } = await now(media)
    const wanted = Object.keys(urls).length
    const keys = async () => {
      app.clock.advance(60_000)
      return (await app.keys()).length
    }
    await until(keys, (count) => count === wanted)
  })

  test('a dry run says what it would do, and does nothing', async () => {
    const media = await old(clip)
    const [outcome] = await clean({ dryRun: true })
    assert.ok(outcome?.outcome === 'cleaned' && outcome.cleaned.location)
    assert.deepEqual(await now(media), { ...media, cleaned: null, urls: (await now(media)).urls })
  })

  test('one that is replaced or removed meanwhile is left to those who did it', async () => {
    const [replaced, removed] = [await old(clip), await old(clip)]
    let done = false
    app.proxy.faults.before = ({ method, url }) => {
      if (done || method !== 'PUT' || !url?.includes('original')) return false
      done = true
      void app.tintype.media.remove(removed.id)
      database.prepare('update tintype_media set key = ? where id = ?').run('media/another', replaced.id)
      return false
    }
    const outcomes = await clean()
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      ['gone', 'gone'],
    )
  })

  test('one whose object is lost does not stop the others, and is tried again the next time', async () => {
    const [lost, fine] = [await old(clip), await old(clip)]
    const key = database.prepare('select key from tintype_media where id = ?').get(lost.id)?.key as string
    await bucket.delete(key)
    const outcomes = await clean()
    const byId = new Map(outcomes.map((one) => [one.id, one.outcome]))
    assert.deepEqual([byId.get(lost.id), byId.get(fine.id)], ['failed', 'cleaned'])
    assert.deepEqual(
      (await clean()).map(({ id }) => id),
      [lost.id],
    )
  })

  test('again: what was looked at is looked at once more, what was sent stays known', async () => {
    const media = await old(clip)
    await clean({ policy: { location: 'keep', identifiers: 'keep', credentials: 'remove' } })
    assert.deepEqual((await now(media)).cleaned?.kept, ['location'])
    assert.deepEqual(await clean(), [])
    await clean({ again: true })
    const cleaned = await now(media)
    assert.deepEqual([cleaned.cleaned?.location, cleaned.sentSha256], [true, sha256(clip)])
  })

  test('a storage without multipart uploads can’t change what is large: then only its owner gets it', async () => {
    const media = await old(long)
    const [outcome] = await clean({ multipart: false })
    assert.equal(outcome?.outcome, 'unchanged')
    const { cleaned, sha256 } = await now(media)
    assert.match(cleaned?.unsure ?? '', /can’t change a file of this size/)
    assert.equal(sha256, media.sha256)
  })
})

describe('the report of tintype clean', () => {
  const cleaned = { location: true, identifiers: false, other: false }
  let lines: string[]
  let shown: string
  beforeEach(() => {
    lines = []
    shown = ''
  })
  const report = (more: { json?: boolean; dryRun?: boolean } = {}) =>
    createCleanReport({
      ...{ json: false, dryRun: false, expected: 4, ...more },
      write: (line) => lines.push(line),
      terminal: {
        write(text) {
          shown += text
        },
      },
    })

  test('has a line for what was changed and what is unsure, and a sum', () => {
    const one = report()
    one.take({ id: 'a', name: 'a.jpg', outcome: 'cleaned', cleaned })
    one.take({ id: 'b', name: 'b.jpg', outcome: 'unchanged', cleaned: { ...cleaned, location: false } })
    one.take({ id: 'c', name: 'c.mp4', outcome: 'unchanged', cleaned: { ...cleaned, unsure: 'Who knows.' } })
    one.take({ id: 'd', name: 'd.jpg', outcome: 'failed', error: 'It is lost.' })
    one.summary()
    one.close()
    assert.deepEqual(
      lines.map((line) => line.replace(/in [\d.]+ s/, 'in T')),
      [
        'cleaned  a a.jpg: location',
        'unsure   c c.mp4: Who knows.',
        'failed   d d.jpg: It is lost.',
        '4 looked at in T: 1 cleaned.',
        'Of 1 nobody can say that nothing is left: their originals go to their owners alone.',
        '1 could not be read or written: call it again.',
      ],
    )
    assert.equal(shown, '')
  })

  test('is JSON for programs', () => {
    const one = report({ json: true, dryRun: true })
    one.take({ id: 'a', name: 'a.jpg', outcome: 'cleaned', cleaned })
    one.summary()
    const [first, summary] = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.deepEqual([first?.id, summary?.type, summary?.cleaned], ['a', 'summary', 1])
  })
})
