import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, afterEach, before as beforeAll, beforeEach, describe, test } from 'node:test'
import { createKeys } from '../../packages/tintype/src/bucket/keys.ts'
import { createBucketListing, MayNotList } from '../../packages/tintype/src/bucket/listing.ts'
import { randomId } from '../../packages/tintype/src/ids.ts'
import { createDatabase, skipWithoutPostgres } from '../support/postgres.ts'
import {
  app,
  before,
  createSetting,
  newMedia,
  type Setting,
  type Storage,
  sha256,
  startStorage,
} from './setting.ts'

const { makeKey } = createKeys()

for (const kind of ['SQLite', 'Postgres']) {
  const skip = kind === 'Postgres' && skipWithoutPostgres
  describe(`the audit, with ${kind}`, { skip }, () => {
    let storage: Storage
    let one: Setting
    let drop = async () => {}

    beforeAll(async () => {
      storage = await startStorage()
    })
    after(() => storage.close())
    beforeEach(async () => {
      const database = kind === 'Postgres' ? await createDatabase() : undefined
      drop = database?.drop ?? drop
      one = await createSetting(storage, database?.url ?? join(storage.directory, `${randomId()}.db`))
    })
    afterEach(async () => {
      await one.close()
      await drop()
    })

    const original = { type: 'image/jpeg' }

    test('finds nothing in a sound bucket, even while requests are in progress', async () => {
      const [removed] = [await one.publish(), await one.publish(), await one.publish()]
      await one.records.ledger.remove(removed.id, 'somebody', one.clock.now() + 1)
      const [reserved, stored, streamed, named] = Array.from({ length: 4 }, () => makeKey('original', 'jpg'))
      const later = one.clock.now() + 1000
      await one.records.ledger.reserve([reserved, stored] as string[], later)
      await one.put(stored as string)
      await one.records.ledger.reserve([streamed, named] as string[], later, { multipart: true })
      await one.bucket.createMultipart(streamed as string, original)
      await one.records.ledger.nameMultipart(
        named as string,
        await one.bucket.createMultipart(named as string, original),
      )
      const { found, totals } = await one.audit({ checksums: true })
      assert.deepEqual(found, [])
      const { objects, visible, scheduled, multiparts, checksums } = totals
      assert.deepEqual(
        { objects, visible, scheduled, multiparts, checksums },
        { objects: 7, visible: 4, scheduled: 3, multiparts: 2, checksums: 2 },
      )
      await one.sweepAll()
      assert.deepEqual((await one.audit()).totals.objects, 4)
    })

    test('finds an object that nothing names; repaired, it is gone after a sweep', async () => {
      await one.publish()
      const key = makeKey('original', 'jpg')
      await one.put(key)
      const [orphan, ...others] = (await one.audit()).found
      assert.deepEqual(others, [])
      assert.ok(orphan?.type === 'orphan')
      const { type, bytes, repaired } = orphan
      assert.deepEqual(
        { type, key: orphan.key, bytes, repaired },
        { type, key, bytes: key.length, repaired: false },
      )
      const again = await one.audit({ repair: true })
      assert.deepEqual(again.found, [{ ...orphan, repaired: true }])
      assert.deepEqual((await one.audit()).found, [])
      await one.sweepAll()
      const { found, totals } = await one.audit()
      assert.deepEqual([found, totals.objects], [[], 2])
    })

    test('repairs nothing that is younger than the grace period', async () => {
      await one.put(makeKey('original', 'jpg'))
      await one.bucket.createMultipart(makeKey('original', 'mp4'), original)
      const { found } = await one.audit({ repair: true, grace: 3 * 3_600_000 })
      assert.deepEqual(
        found.map((finding) => [finding.type, 'repaired' in finding && finding.repaired]),
        [
          ['orphan', false],
          ['multipart', false],
        ],
      )
      assert.equal((await one.audit()).found.length, 2)
    })

    test('finds media whose object is missing, of another size, or other bytes of the same size', async () => {
      const [missing, longer, other, thumb] = [
        await one.publish(),
        await one.publish(),
        await one.publish(),
        await one.publish(),
      ]
      await one.delete(missing.key)
      await one.put(longer.key, Buffer.from(`${longer.id}!`))
      await one.put(other.key, Buffer.from(randomId()))
      await one.delete(thumb.thumb)
      const { found, totals } = await one.audit({ checksums: true, repair: true })
      const byType = new Map(found.map((finding) => [`${finding.type} ${finding.key}`, finding]))
      assert.equal(byType.size, 4)
      assert.deepEqual(byType.get(`dangling ${missing.key}`), {
        type: 'dangling',
        key: missing.key,
        media: missing.id,
        name: 'original',
      })
      assert.deepEqual(byType.get(`size ${longer.key}`), {
        type: 'size',
        key: longer.key,
        media: longer.id,
        name: 'original',
        expected: longer.bytes,
        found: longer.bytes + 1,
      })
      const checksum = byType.get(`checksum ${other.key}`)
      assert.ok(checksum?.type === 'checksum')
      assert.equal(checksum.expected, other.sha256)
      assert.ok(byType.has(`dangling ${thumb.thumb}`))
      assert.equal(totals.visible, 5)
      assert.equal((await one.audit()).totals.findings.checksum, 0)
    })

    test('reads what came in parts to know its checksum', async () => {
      const bytes = Buffer.alloc(6 * 1024 * 1024, 'parts')
      const row = { bytes: bytes.length, sha256: sha256(bytes) }
      for (const [announced, expected] of [
        [row.sha256, 0],
        [sha256(Buffer.from('others')), 1],
      ] as const) {
        const { media, pending } = newMedia(one.clock.now() + 1000)
        await one.records.ledger.reserve([media.key], one.clock.now() + 1000)
        await one.putInParts(media.key, bytes)
        const published = { ...media, ...row, sha256: announced }
        await one.records.ledger.publish([{ media: published, variants: [], pending: pending.slice(0, 1) }])
        assert.equal((await one.audit({ checksums: true })).totals.findings.checksum, expected)
      }
    })

    test('finds visible media that are on the sweep list', async () => {
      const media = await one.publish()
      await one.records.audit.scheduleDeletion([media.key], one.clock.now() + 1000)
      assert.deepEqual((await one.audit()).found, [
        { type: 'scheduled', key: media.key, media: media.id, name: 'original' },
      ])
    })

    test('finds a multipart upload without an owner, and repair aborts it', async () => {
      const [unowned, owned] = [makeKey('original', 'mp4'), makeKey('original', 'mp4')]
      await one.records.ledger.reserve([owned], one.clock.now() + 1000, { multipart: true })
      const ownedId = await one.bucket.createMultipart(owned, original)
      await one.records.ledger.nameMultipart(owned, ownedId)
      const unownedIds = [
        await one.bucket.createMultipart(unowned, original),
        await one.bucket.createMultipart(owned, original),
      ]
      const { found } = await one.audit({ repair: true })
      assert.deepEqual(
        found.map((finding) => finding.type === 'multipart' && [finding.uploadId, finding.repaired]).sort(),
        unownedIds.map((id) => [id, true]).sort(),
      )
      const { found: rest, totals } = await one.audit()
      assert.deepEqual([rest, totals.multiparts], [[], 1])
    })

    test('shows deletions that fail again and again', async () => {
      await one.records.ledger.reserve(['media/stuck'], 1)
      for (let i = 0; i < 10; i++) {
        const [row] = await one.records.sweep.lease(i + 1, i + 2, 1)
        if (row) await one.records.sweep.postpone(row, i + 2, 'AccessDenied')
      }
      const [stuck, ...others] = (await one.audit()).found
      assert.deepEqual(others, [])
      assert.ok(stuck?.type === 'stuck')
      assert.deepEqual([stuck.key, stuck.attempts, stuck.error], ['media/stuck', 10, 'AccessDenied'])
    })

    test('an upload that becomes visible between the two looks is no orphan', async () => {
      const media = newMedia(one.clock.now() + 1000)
      const keys = media.pending.map((held) => held.key)
      await one.records.ledger.reserve(keys, one.clock.now() + 1000)
      for (const { key, bytes } of [media.media, ...media.variants]) await one.put(key, Buffer.alloc(bytes))
      const records = before(one.records, () => one.records.ledger.publish([media]))
      const { found, totals } = await one.audit({ records })
      assert.deepEqual([found, totals.visible], [[], 2])
    })

    test('what is swept between the two looks is no orphan', async () => {
      const { id } = await one.publish()
      await one.records.ledger.remove(id, 'somebody', one.clock.now())
      const records = before(one.records, () => one.sweepAll())
      const { found, totals } = await one.audit({ records })
      assert.deepEqual([found, totals.objects], [[], 2])
    })

    test('a multipart upload that ends between the two looks has an owner', async () => {
      const key = makeKey('original', 'mp4')
      await one.records.ledger.reserve([key], one.clock.now() + 1000, { multipart: true })
      await one.records.ledger.nameMultipart(key, await one.bucket.createMultipart(key, original))
      const records = before(one.records, () => one.sweepAll())
      const { found, totals } = await one.audit({ records })
      assert.deepEqual([found, totals.multiparts], [[], 1])
    })

    test('what is removed and swept between the two looks is neither orphan nor dangling', async () => {
      const [swept, deleted] = [await one.publish(), await one.publish()]
      await one.delete(deleted.thumb)
      const records = before(one.records, async () => {
        for (const { id } of [swept, deleted])
          await one.records.ledger.remove(id, 'somebody', one.clock.now())
        await one.sweeper.sweepDue()
      })
      assert.deepEqual((await one.audit({ records })).found, [])
    })
  })
}

describe('the audit', () => {
  let storage: Storage
  let one: Setting

  beforeAll(async () => {
    storage = await startStorage()
  })
  after(() => storage.close())
  beforeEach(async () => {
    one = await createSetting(storage, join(storage.directory, `${randomId()}.db`))
  })
  afterEach(() => one.close())

  test('says that it may not see multipart uploads, and goes on', async () => {
    const { audit, listing } = one
    const multiparts: typeof listing.multiparts = async function* () {
      yield* []
      throw new MayNotList('s3:ListBucketMultipartUploads', undefined)
    }
    const { totals } = await audit({ listing: { ...listing, multiparts } })
    assert.equal(totals.multiparts, 'denied')
  })

  test('refuses to guess when it may not list', async () => {
    const listing = createBucketListing({ name: one.name, endpoint: storage.url, credentials: app })
    await assert.rejects(one.audit({ listing }), MayNotList)
    listing.close()
  })

  test('takes any key that S3 takes, in the order of its bytes', async () => {
    // The second sorts before the third in JavaScript, and after it in UTF-8.
    const keys = ['a b+c%2B', '\u{1f600}', '\uff5e', 'é', "!'()*", '~', 'a\u0001b'].map(
      (end) => `media/${end}`,
    )
    for (const key of keys) await one.put(key)
    await one.publish()
    const { found } = await one.audit()
    const inBytes = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    assert.deepEqual(
      found.map((finding) => finding.key),
      inBytes,
    )
  })

  test('finds nothing on a system that uploads, deletes and sweeps meanwhile', async () => {
    let busy = true
    async function work(): Promise<void> {
      const mine: string[] = []
      for (let i = 0; i < 40; i++) {
        mine.push((await one.publish()).id)
        if (i % 3 === 0) {
          await one.records.ledger.remove(mine.shift() as string, 'somebody', one.clock.now())
          await one.sweeper.sweepDue()
        }
      }
    }
    const workers = Promise.all(Array.from({ length: 4 }, work)).finally(() => {
      busy = false
    })
    let audits = 0
    for (; busy; audits++) assert.deepEqual((await one.audit({ repair: true, grace: 0 })).found, [])
    await workers
    assert.ok(audits > 1)
    assert.equal((await one.audit()).totals.visible, 4 * 26 * 2)
  })
})
