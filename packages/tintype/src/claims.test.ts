import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { databases } from '../../../test/support/app-database.ts'
import { published } from '../../../test/support/published.ts'
import { createFindClaim, createMediaClaims, type MediaClaims } from './claims.ts'
import { createTestClock } from './clock.ts'
import { TintypeError } from './errors.ts'
import { createRunHook } from './hooks/run.ts'
import { silentLog } from './log.ts'
import { openRecords, type Records } from './records/records.ts'
import { anyOwner } from './records/schema.ts'
import { createSweeper } from './sweep/sweeper.ts'

const hour = 3_600_000
const by = 'post:1'
const unavailable = () => new TintypeError('database_unavailable', 'The database does not answer.')

for (const { name, create, skip } of databases) {
  describe(`records of the app's own and their media, on ${name}`, { skip }, () => {
    let database: Awaited<ReturnType<typeof create>>
    let records: Records
    const clock = createTestClock()
    before(async () => {
      database = await create()
      records = await openRecords(database.url)
    })
    after(async () => {
      await records.close()
      await database.drop()
    })

    const claimsOf = (
      more: { ledger?: Records['ledger']; claimWithin?: number | undefined } = {},
    ): MediaClaims =>
      createMediaClaims({
        ledger: records.ledger,
        claimWithin: hour,
        remove: async (id) => {
          const keys = await records.ledger.remove(id, anyOwner, clock.now())
          if (!keys) throw new TintypeError('not_found', 'There is none.')
          return { gone: false }
        },
        clock,
        ...more,
      })
    const row = async (id: string) => (await records.media.find(id, anyOwner))?.media
    const unclaimed = () => published(records, { expires_at: clock.now() + hour })
    const sweeperOf = (findClaim: Parameters<typeof createFindClaim>[0]) =>
      createSweeper({
        records,
        bucket: {
          delete: async () => {},
          abortMultipart: async () => 'aborted',
          openMultiparts: async () => [],
        },
        findClaim: createFindClaim(findClaim, createRunHook({ clock, log: silentLog })),
        clock,
        log: silentLog,
        grace: 0,
      })

    test('a claim that was released expires anew, and may be claimed and released again', async () => {
      const { claim, release } = claimsOf()
      const id = await unclaimed()
      await claim(id, { by })
      for (const _ of ['once', 'twice']) await release(id, { by })
      assert.equal(Number((await row(id))?.expires_at), clock.now() + hour)
      await claim(id, { by: 'post:2' })
      assert.equal((await row(id))?.expires_at, null)
      await assert.rejects(release(id, { by }), { code: 'conflict' })
      await assert.rejects(release(id, { by: 'post:2', owner: 'another' }), { code: 'not_found' })
      await assert.rejects(release(id, { by: '' }), { code: 'invalid_parameter', limit: 255 })
    })

    test('a record whose media can not be claimed is taken back', async () => {
      const { attach, claim } = claimsOf()
      const [mine, taken] = [await unclaimed(), await unclaimed()]
      await claim(taken, { by: 'post:0' })
      const done: string[] = []
      const posts = { insert: async () => void done.push('insert'), undo: async () => void done.push('undo') }
      await assert.rejects(attach([mine, taken], { by, ...posts }), { code: 'conflict' })
      await assert.rejects(attach('gone', { by, ...posts }), { code: 'not_found' })
      assert.deepEqual(done, ['insert', 'undo', 'insert', 'undo'])
      const insert = () => Promise.reject(new Error('no room'))
      await assert.rejects(attach(mine, { by, ...posts, insert }), /no room/)
      assert.equal(done.length, 4)
    })

    test('a database that does not answer for a moment is asked again, and not for ever', async () => {
      let failures = 2
      const ledger: Records['ledger'] = {
        ...records.ledger,
        claim: async (...claiming) => {
          setImmediate(() => clock.advance(1000))
          if (failures-- > 0) throw unavailable()
          return records.ledger.claim(...claiming)
        },
      }
      const id = await unclaimed()
      const { attach } = claimsOf({ ledger })
      const posts = { insert: async () => 'inserted', undo: async () => {} }
      assert.equal(await attach(id, { by, ...posts }), 'inserted')
      assert.equal((await row(id))?.claimed_by, by)
      failures = 100
      await assert.rejects(attach(await unclaimed(), { by, ...posts }), { code: 'database_unavailable' })
    })

    test('detach removes record and media, wherever it was interrupted before', async () => {
      const { claim, release, detach } = claimsOf()
      for (const before of [
        async () => {},
        async (id: string) => release(id, { by }),
        async (id: string) => void (await records.ledger.remove(id, anyOwner, 0)),
      ]) {
        const id = await unclaimed()
        await claim(id, { by })
        await before(id)
        let removed = 0
        await detach([id], { by, remove: async () => ++removed })
        assert.deepEqual([removed, await row(id)], [1, undefined])
      }
      const id = await unclaimed()
      await claim(id, { by: 'post:2' })
      await assert.rejects(detach(id, { by, remove: async () => {} }), { code: 'conflict' })
    })

    test('without claimWithin, nothing would remove what a crash leaves', async () => {
      const { attach, detach } = claimsOf({ claimWithin: undefined })
      const id = await unclaimed()
      const posts = { insert: async () => {}, undo: async () => {}, remove: async () => {} }
      await assert.rejects(attach(id, { by, insert: posts.insert, undo: posts.undo }), /claimWithin/)
      await assert.rejects(detach(id, { by, remove: posts.remove }), /claimWithin/)
    })

    test('findClaim keeps what a record names; what it fails on is asked about again', async () => {
      const [used, unused, unknown] = [await unclaimed(), await unclaimed(), await unclaimed()]
      clock.advance(2 * hour)
      const answers = new Map<string, string>([[used, by]])
      const asked: string[] = []
      const sweeper = sweeperOf(async ({ id, owner }) => {
        assert.equal(owner, 'o')
        if ([used, unused, unknown].includes(id)) asked.push(id)
        if (id === unknown && asked.filter((one) => one === id).length === 1) throw new Error('no answer')
        return answers.get(id)
      })
      await sweeper.sweepDue()
      assert.equal((await row(used))?.claimed_by, by)
      assert.equal(await row(unused), undefined)
      assert.ok(await row(unknown))
      clock.advance(hour)
      await sweeper.sweepDue()
      assert.equal(await row(unknown), undefined)
      assert.equal(asked.filter((one) => one === used).length, 1)
    })
  })
}
