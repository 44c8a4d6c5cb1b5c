import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { databases } from '../../../../test/support/app-database.ts'
import { uploadRow } from '../../../../test/support/upload-row.ts'
import { randomId } from '../ids.ts'
import type { PublishedMedia, Quota } from './ledger-types.ts'
import { openRecords } from './records.ts'

for (const { name, create, skip } of databases) {
  describe(`quotas in the ledger on ${name}`, { skip }, () => {
    /** Two processes on one database. */
    async function open(t: { after(end: () => Promise<unknown>): void }) {
      const database = await create()
      const both = [await openRecords(database.url), await openRecords(database.url)] as const
      t.after(async () => {
        for (const records of both) await records.close()
        await database.drop()
      })
      return { both }
    }

    test('uploads of many owners that share commits neither wait for each other for ever nor fail each other', async (t) => {
      const { both } = await open(t)
      const owners = Array.from({ length: 8 }, () => randomId())
      // In the two processes in opposite orders, three of each owner and room for five.
      const items = [owners, owners.toReversed()].flatMap((order, process) =>
        [1, 2, 3].flatMap(() => order.map((owner) => ({ process, one: media(owner, { media: 5 }) }))),
      )
      await both[0].ledger.reserve(
        items.flatMap(({ one }) => keysOf(one)),
        10_000,
      )
      const outcomes = await Promise.allSettled(
        items.map(({ process, one }) => (both[process] ?? both[0]).ledger.publish([one])),
      )
      const codes = outcomes.map((one) => (one.status === 'rejected' ? one.reason.code : 'published'))
      for (const owner of owners) {
        const own = codes.filter((_, i) => items[i]?.one.media.owner === owner)
        assert.deepEqual(own.toSorted(), [...Array(5).fill('published'), 'quota_exceeded'])
        assert.equal((await both[1].usage.of(owner, 0, { kept: false })).media, 5)
      }
    })

    test('a form is published whole or not at all', async (t) => {
      const { both } = await open(t)
      const owner = randomId()
      const three = [1, 2, 3].map(() => media(owner, { media: 2 }))
      await both[0].ledger.reserve(three.flatMap(keysOf), 10_000)
      await assert.rejects(both[0].ledger.publish(three), { code: 'quota_exceeded', limit: 2 })
      assert.equal((await both[0].usage.of(owner, 0, { kept: false })).media, 0)
      await both[0].ledger.publish(three.slice(0, 2))
    })

    test('sessions count until they have ended or expired, by their own limit and for media and bytes', async (t) => {
      const { both } = await open(t)
      const [{ ledger, uploads, usage }] = both
      const owner = randomId()
      const quota = (now: number): Quota => ({ limits: { sessions: 2, bytes: 25, media: 9 }, now })
      const begin = async (now: number, bytes = 10) => {
        const row = uploadRow({
          owner,
          key: `upload/${randomId()}`,
          bytes,
          due_at: 10_000,
          expires_at: now + 1000,
        })
        await ledger.reserve([row.key], row.due_at)
        await uploads.open(row, quota(now))
        return row
      }
      const first = await begin(0)
      await assert.rejects(begin(0, 16), { code: 'quota_exceeded', limit: 25 })
      await begin(0)
      await assert.rejects(begin(0, 1), { code: 'quota_exceeded', limit: 2 })
      assert.deepEqual(await usage.of(owner, 0, { kept: false }), {
        bytes: 0,
        media: 0,
        sessions: 2,
        sessionBytes: 20,
      })
      await uploads.refuse(first.id, '{}', 1)
      await begin(0)
      assert.equal((await usage.of(owner, 2000, { kept: false })).sessions, 0)
      await begin(2000)
    })
  })
}

test('usage is found by indexes, that of media read off one alone', async (t) => {
  const database = await databases[0].create()
  const records = await openRecords(database.url)
  const db = new DatabaseSync(database.url)
  t.after(async () => {
    db.close()
    await records.close()
    await database.drop()
  })
  const plan = (query: string) => db.prepare(`explain query plan ${query}`).all()[0]?.detail
  assert.match(
    String(plan("select count(*), sum(bytes) from tintype_media where owner = 'a'")),
    /USING COVERING INDEX tintype_media_newest/,
  )
  assert.match(
    String(
      plan(
        "select count(*), sum(bytes) from tintype_upload where owner = 'a' and media_id is null and refusal is null and expires_at > 5",
      ),
    ),
    /USING INDEX tintype_upload_open/,
  )
})

function media(owner: string, limits: Quota['limits']): PublishedMedia {
  const id = randomId()
  const key = `media/${id}/original.jpg`
  return {
    media: {
      id,
      owner,
      key,
      kind: 'image',
      type: 'image/jpeg',
      bytes: 1000,
      sha256: 'ab',
      width: 1,
      height: 1,
      duration: null,
      name: 'a.jpg',
      caption: null,
      alt: null,
      data: null,
      revision: 1,
      placeholder: null,
      created_at: 1,
      request_key: null,
      request_index: null,
      request_hash: null,
      claimed_by: null,
      expires_at: null,
      writable_until: null,
    },
    variants: [],
    pending: [{ key, dueAt: 10_000 }],
    quota: { limits, now: 0 },
  }
}

function keysOf(one: PublishedMedia): string[] {
  return one.pending.map(({ key }) => key)
}
