import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { createDatabase, skipWithoutPostgres } from '../../../../test/support/postgres.ts'
import { uploadRow } from '../../../../test/support/upload-row.ts'
import { randomId } from '../ids.ts'
import type { PublishedMedia } from './ledger-types.ts'
import { openRecords, type Records } from './records.ts'

const databases = [
  { name: 'SQLite', create: createFile, skip: false as const },
  { name: 'Postgres', create: createDatabase, skip: skipWithoutPostgres },
]

for (const { name, create, skip } of databases) {
  describe(`records on ${name}`, { skip }, () => {
    let database: Awaited<ReturnType<typeof create>>
    let records: Records
    const owner = randomId()

    beforeEach(async () => {
      database = await create()
      records = await openRecords(database.url)
    })
    afterEach(async () => {
      await records.close()
      await database.drop()
    })

    const due = () =>
      records.sweep.lease(10_000, 20_000, 100).then((rows) => rows.map((row) => row.key).sort())

    test('what is reserved and never published comes due', async () => {
      await records.ledger.reserve(['a', 'b'], 10_000)
      assert.equal(await records.sweep.nextDue(), 10_000)
      assert.deepEqual(await due(), ['a', 'b'])
    })

    test('publishing takes the keys off the list and shows the media with its variants', async () => {
      const one = media(owner)
      await records.ledger.reserve(keysOf(one), 10_000)
      await records.ledger.publish([one])
      assert.deepEqual(await due(), [])
      assert.deepEqual(await records.media.find(one.media.id, owner), shown(one))
      assert.equal(await records.media.find(one.media.id, 'somebody else'), undefined)
    })

    test('an upload whose key the sweeper has claimed does not become visible', async () => {
      const one = media(owner)
      await records.ledger.reserve(keysOf(one), 10_000)
      await due()
      await assert.rejects(records.ledger.publish([one]), { code: 'overloaded' })
      assert.equal(await records.media.find(one.media.id, owner), undefined)
    })

    test('a deadline that was moved is the only one that publishes', async () => {
      const one = media(owner)
      await records.ledger.reserve(keysOf(one), 10_000)
      assert.equal(await records.ledger.extend(keysOf(one), 10_000, 15_000), true)
      assert.equal(await records.ledger.extend(keysOf(one), 10_000, 16_000), false)
      await assert.rejects(records.ledger.publish([one]), { code: 'overloaded' })
      const pending = one.pending.map(({ key }) => ({ key, dueAt: 15_000 }))
      await records.ledger.publish([{ ...one, pending }])
    })

    test('of several that publish at once, one that has lost its key fails alone', async () => {
      const all = Array.from({ length: 5 }, () => media(owner))
      await records.ledger.reserve(all.flatMap(keysOf), 10_000)
      const lost = all[2] as PublishedMedia
      assert.equal(await records.ledger.extend(keysOf(lost), 10_000, 11_000), true)
      const outcomes = await Promise.allSettled(all.map((one) => records.ledger.publish([one])))
      assert.deepEqual(
        outcomes.map((one) => (one.status === 'rejected' ? one.reason.code : 'published')),
        ['published', 'published', 'overloaded', 'published', 'published'],
      )
    })

    test('two requests with one idempotency key publish once', async () => {
      const request = { request_key: randomId(), request_index: 0, request_hash: 'h' }
      const [one, two] = [media(owner, request), media(owner, request)]
      await records.ledger.reserve([...keysOf(one), ...keysOf(two)], 10_000)
      await records.ledger.publish([one])
      await assert.rejects(records.ledger.publish([two]), { code: 'conflict' })
      assert.deepEqual(await records.media.findByRequest(request.request_key), [shown(one)])
    })

    test('a direct upload ends once, and the key that the browser wrote to is due unless it was published', async () => {
      for (const keep of [true, false]) {
        const [one, two] = [media(owner), media(owner)]
        const key = keep ? one.media.key : `media/${randomId()}/upload.jpg`
        const session = uploadRow({ owner, key, due_at: 10_000, expires_at: 9000 })
        await records.ledger.reserve([...new Set([...keysOf(one), ...keysOf(two), key])], 10_000)
        await records.uploads.open(session)
        await records.ledger.publish([{ ...one, uploadId: session.id }])
        await assert.rejects(records.ledger.publish([{ ...two, uploadId: session.id }]), { code: 'conflict' })
        assert.equal((await records.uploads.find(session.id, owner))?.media_id, one.media.id)
        const rows = await records.sweep.lease(1, 20_000, 100)
        assert.deepEqual(
          rows.map((row) => row.key),
          keep ? [] : [key],
        )
        assert.equal(await records.uploads.refuse(session.id, '{}', 1), false)
        await records.uploads.expire(10_000, 10)
        assert.equal(await records.uploads.find(session.id, owner), undefined)
      }
    })

    test('a refused upload keeps its reason, and its key is due', async () => {
      const session = uploadRow({
        owner,
        key: `media/${randomId()}/upload.jpg`,
        due_at: 10_000,
        expires_at: 9000,
      })
      await records.ledger.reserve([session.key], 10_000)
      await records.uploads.open(session)
      assert.equal(await records.uploads.refuse(session.id, '{"code":"unsupported_type"}', 5), true)
      assert.equal((await records.uploads.find(session.id, owner))?.refusal, '{"code":"unsupported_type"}')
      const [row] = await records.sweep.lease(5, 20_000, 100)
      assert.deepEqual([row?.key, row?.writable_until], [session.key, 9000])
      assert.equal(await records.uploads.cancel(session.id, 'somebody else', 5), false)
      assert.equal(await records.uploads.cancel(session.id, owner, 5), true)
    })

    test('a part that is signed again loses its ETag', async () => {
      const session = uploadRow({
        owner,
        key: `media/${randomId()}/upload.mp4`,
        due_at: 10_000,
        expires_at: 9000,
      })
      await records.ledger.reserve([session.key], 10_000, { multipart: true })
      await records.uploads.open(session)
      await records.uploads.signParts(session.id, [
        { number: 2, sha256: 'b' },
        { number: 1, sha256: 'a' },
      ])
      await records.uploads.recordParts(session.id, [
        { number: 1, etag: '"1"' },
        { number: 2, etag: '"2"' },
      ])
      await records.uploads.signParts(session.id, [{ number: 2, sha256: 'c' }])
      assert.deepEqual(await records.uploads.parts(session.id), [
        { upload_id: session.id, number: 1, sha256: 'a', etag: '"1"' },
        { upload_id: session.id, number: 2, sha256: 'c', etag: null },
      ])
    })

    test('a key that was forgotten is put back by a process that certainly has not published it, and by no other', async () => {
      await records.ledger.discard(['forgotten'], 5)
      assert.deepEqual(await due(), [])
      await records.ledger.reserve(['kept'], 10_000)
      await records.ledger.scheduleDeletion(['forgotten', 'kept'], 5)
      const rows = await records.sweep.lease(5, 20_000, 100)
      assert.deepEqual(rows.map((row) => [row.key, row.recheck]).sort(), [
        ['forgotten', 1],
        ['kept', 1],
      ])
    })

    test('removing puts every key on the list, due when asked', async () => {
      const one = media(owner)
      await records.ledger.reserve(keysOf(one), 10_000)
      await records.ledger.publish([one])
      assert.equal(await records.ledger.remove(one.media.id, 'somebody else', 5), undefined)
      assert.deepEqual(
        await records.ledger.remove(one.media.id, owner, 5),
        keysOf(one).map((key) => ({ key, writableUntil: null })),
      )
      assert.deepEqual(await due(), keysOf(one).sort())
      assert.equal(await records.ledger.remove(one.media.id, owner, 5), undefined)
    })

    test('replacing keeps the id and schedules the old keys alone for deletion', async () => {
      const [old, next] = [media(owner), media(owner)]
      await records.ledger.reserve([...keysOf(old), ...keysOf(next)], 10_000)
      await records.ledger.publish([old])
      const replacement = {
        media: { ...next.media, id: old.media.id },
        variants: next.variants.map((variant) => ({ ...variant, media_id: old.media.id })),
        pending: next.pending,
      }
      assert.equal(await records.ledger.replace(replacement, 7_000), true)
      assert.equal((await records.media.find(old.media.id, owner))?.media.key, next.media.key)
      assert.deepEqual(await due(), keysOf(old).sort())
    })

    test('pages go by keyset, newest first, each row once', async () => {
      const lister = randomId()
      const all = Array.from({ length: 5 }, (_, i) => media(lister, { created_at: 1000 + Math.floor(i / 2) }))
      await records.ledger.reserve(all.flatMap(keysOf), 10_000)
      await records.ledger.publish(all)
      const seen: string[] = []
      let after: { createdAt: number; id: string } | undefined
      while (seen.length <= all.length) {
        const page = await records.media.list({ owner: lister }, { limit: 2, after })
        if (page.length === 0) break
        seen.push(...page.map((row) => row.media.id))
        const last = page.at(-1)?.media
        after = last && { createdAt: last.created_at, id: last.id }
      }
      const expected = all
        .map((one) => one.media)
        .sort((a, b) => b.created_at - a.created_at || (a.id < b.id ? 1 : -1))
      assert.deepEqual(
        seen,
        expected.map((row) => row.id),
      )
    })

    test('the halves of a Live Photo find each other among what one owner has', async () => {
      const [ann, ben] = [randomId(), randomId()]
      const video = { content_id: 'c', kind: 'video' as const, type: 'video/quicktime' }
      const [still, movie, later, others] = [
        media(ann, { content_id: 'c' }),
        media(ann, { ...video, created_at: 2 }),
        media(ann, { ...video, created_at: 3 }),
        media(ben, { ...video, created_at: 1 }),
      ]
      const all = [still, movie, later, others]
      await records.ledger.reserve(all.flatMap(keysOf), 10_000)
      await records.ledger.publish(all)
      const pairOf = async ({ media: { id, owner } }: PublishedMedia) =>
        (await records.media.find(id, owner))?.pairId
      assert.deepEqual(await Promise.all(all.map(pairOf)), [
        movie.media.id,
        still.media.id,
        undefined,
        undefined,
      ])
    })

    test('a lease that was lost changes nothing', async () => {
      await records.ledger.reserve(['k'], 1)
      const [first] = await records.sweep.lease(10, 100, 5)
      const [second] = await records.sweep.lease(100, 200, 5)
      assert.ok(first && second)
      await records.sweep.forget(first)
      await records.sweep.postpone(first, 1, 'late')
      assert.equal(await records.sweep.nextDue(), 200)
      await records.sweep.forget(second)
      assert.equal(await records.sweep.nextDue(), undefined)
    })
  })
}

async function createFile() {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-records-'))
  return { url: join(directory, 'test.db'), drop: () => rm(directory, { recursive: true }) }
}

function media(
  owner: string,
  more: Partial<PublishedMedia['media']> = {},
): PublishedMedia & { media: { key: string } } {
  const id = randomId()
  const row = {
    id,
    owner,
    key: `media/${id}/original.jpg`,
    kind: 'image' as const,
    type: 'image/jpeg',
    bytes: 5_000_000_000_000,
    sha256: 'ab',
    width: 1,
    height: 2,
    duration: null,
    name: 'a.jpg',
    caption: null,
    alt: null,
    data: null,
    revision: 1,
    placeholder: null,
    created_at: 1,
    taken_order: 1,
    content_id: null,
    details: null,
    request_key: null,
    request_index: null,
    request_hash: null,
    claimed_by: null,
    expires_at: null,
    writable_until: null,
    sent_sha256: null,
    hold_reason: null,
    held_at: null,
    cleaned: null,
    ...more,
  }
  const thumb = { media_id: id, name: 'thumb', key: `media/${id}/thumb.webp`, type: 'image/webp' }
  const size = { bytes: 3, width: 1, height: 2, recipe: 'webp 320x320 inside q76' }
  const one = { media: row, variants: [{ ...thumb, ...size }] }
  return { ...one, pending: [row.key, thumb.key].map((key) => ({ key, dueAt: 10_000 })) }
}

const shown = ({ media, variants }: PublishedMedia) => ({ media, variants })

function keysOf({ media: { key }, variants }: PublishedMedia): string[] {
  return [key, ...variants.map((variant) => variant.key)]
}
