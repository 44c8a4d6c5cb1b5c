import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { anyOwner } from '../../packages/tintype/src/records/schema.ts'
import { createRestore, type RestoreOptions } from '../../packages/tintype/src/sweep/restore.ts'
import { createSetting, type Setting, type Storage, startStorage } from '../audit/setting.ts'
import { databases } from '../support/app-database.ts'

const hour = 3_600_000

for (const { name, create, connect, skip } of databases)
  describe(`what tintype restore finds lost, on ${name}`, { skip }, () => {
    let storage: Storage
    let one: Setting
    let database: Awaited<ReturnType<typeof create>>
    before(async () => {
      storage = await startStorage()
    })
    after(() => storage.close())
    beforeEach(async () => {
      database = await create()
      one = await createSetting(storage, database.url)
    })
    afterEach(async () => {
      await one.close()
      await database.drop()
    })

    async function restore(more: Partial<RestoreOptions> = {}) {
      const { records, listing, bucket, clock } = one
      const parts = { records, listing, bucket, clock, grace: hour, checksums: false, isCheck: false }
      const { findings, totals } = createRestore({ ...parts, ...more })
      const found: Record<string, unknown>[] = []
      for await (const finding of findings()) found.push(finding)
      return { found, totals }
    }
    const find = (id: string) => one.records.media.find(id, anyOwner)

    test('goes out of sight on record, and comes back as it was when its object is there again', async () => {
      const [lost, whole] = [await one.publish(), await one.publish()]
      await one.delete(lost.key)
      const check = await restore({ isCheck: true })
      assert.deepEqual(
        check.found.map(({ type, media, why, outcome }) => [type, media, why, outcome]),
        [['lost', lost.id, 'missing', undefined]],
      )
      assert.ok(await find(lost.id), 'a check changes nothing')

      const { found, totals } = await restore()
      assert.deepEqual(
        found.map(({ type, outcome }) => [type, outcome]),
        [['lost', 'moved']],
      )
      assert.equal(totals.lost, 1)
      assert.deepEqual([await find(lost.id), (await find(whole.id))?.media.key], [undefined, whole.key])
      assert.deepEqual((await one.audit()).found, [])

      await one.put(lost.key, Buffer.from(lost.id))
      const audited = await one.audit({ repair: true, grace: 0 })
      assert.deepEqual(audited.found, [{ type: 'returned', key: lost.key }])
      const again = await restore()
      assert.deepEqual(again.found, [{ type: 'returned', key: lost.key, media: lost.id }])
      const back = await find(lost.id)
      assert.deepEqual([back?.media.key, back?.variants.map(({ key }) => key)], [lost.key, [lost.thumb]])
      assert.deepEqual((await one.audit()).found, [])
    })

    test('is found again, many at a time', async () => {
      const many = await Promise.all(Array.from({ length: 20 }, () => one.publish()))
      for (const { key } of many) await one.delete(key)
      assert.equal((await restore()).totals.lost, many.length)
      const [missing, ...back] = many
      await Promise.all(back.map(({ key, id }) => one.put(key, Buffer.from(id))))
      const check = await restore({ isCheck: true })
      assert.equal(check.totals.findings.returned, back.length)
      const { found, totals } = await restore()
      assert.deepEqual(new Set(found.map(({ media }) => media)), new Set(back.map(({ id }) => id)))
      assert.equal(totals.lost, 0)
      assert.equal(await find(missing?.id ?? ''), undefined)
      assert.equal((await find(back[0]?.id ?? ''))?.variants.length, 1)
    })

    test('is known by its size and, if asked for, by its bytes', async () => {
      const [size, bytes] = [await one.publish(), await one.publish()]
      await one.put(size.key, Buffer.from('another size'))
      await one.put(bytes.key, Buffer.from(bytes.id.toLowerCase().padEnd(22, 'x')))
      const { found } = await restore({ checksums: true })
      assert.deepEqual(
        new Set(found.map(({ type, media, why }) => `${type} ${media} ${why}`)),
        new Set([`lost ${size.id} size`, `lost ${bytes.id} checksum`]),
      )
      assert.deepEqual((await one.audit({ checksums: true })).found, [])
      // The right bytes over the wrong ones.
      for (const { key, id } of [size, bytes]) await one.put(key, Buffer.from(id))
      assert.equal((await restore()).totals.findings.returned, 2)
      assert.deepEqual((await one.audit({ checksums: true })).found, [])
    })

    test('a variant is made anew, and a removed photo without its original can not be restored', async () => {
      const [visible, removed] = [await one.publish(), await one.publish()]
      const now = one.clock.now()
      await one.records.ledger.remove(removed.id, anyOwner, now, { keep: { now, until: now + 48 * hour } })
      await one.delete(visible.thumb)
      await one.delete(removed.key)
      assert.deepEqual((await one.audit()).totals.findings.unrestorable, 1)
      const { found } = await restore()
      assert.deepEqual(
        new Set(found.map(({ type, outcome }) => `${type} ${outcome}`)),
        new Set(['variant planned', 'version version']),
      )
      assert.equal((await one.records.variants.backlog()).pending, 1)
      const what = { id: removed.id, now, jobsFor: () => [], expiresAt: null }
      await assert.rejects(one.records.undo.restore({ ...what, owner: anyOwner }), { code: 'gone' })
      assert.deepEqual((await one.audit()).found, [])
    })

    test('of a moment: what was removed later counts, what came later does not', async () => {
      const early = await one.publish()
      one.clock.advance(hour)
      const moment = one.clock.now()
      one.clock.advance(hour)
      const now = one.clock.now()
      await one.records.ledger.remove(early.id, anyOwner, now, { keep: { now, until: now + 48 * hour } })
      const late = await one.publish()
      for (const { key } of [early, late]) await one.delete(key)
      const { found } = await restore({ isCheck: true, at: moment })
      assert.deepEqual(
        found.map(({ type, media }) => [type, media]),
        [['version', early.id]],
      )
    })

    test('a row of the app keeps a lost media visible, and is told', async () => {
      const lost = await one.publish()
      const app = await connect(database.url)
      const type = name === 'Postgres' ? 'text collate "C"' : 'text'
      await app.run(`create table post (media ${type} references tintype_media (id))`)
      await app.run(`insert into post values ('${lost.id}')`)
      await app.close()
      await one.delete(lost.key)
      const { found, totals } = await restore()
      assert.deepEqual(
        found.map(({ outcome }) => outcome),
        ['referenced'],
      )
      assert.equal(totals.lost, 1)
      assert.ok(await find(lost.id))
    })
  })
