import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { photo } from '../media/photos.ts'
import { databases } from '../support/app-database.ts'
import { mediaOf, upload } from '../support/server.ts'
import { startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

const script = fileURLToPath(new URL('./close-account.ts', import.meta.url))

for (const { name, skip, create } of databases)
  test(`an account whose closing is killed twice is closed by the third call, on ${name}`, {
    skip,
  }, async (t) => {
    const database = await create()
    t.after(database.drop)
    const app = await startStorageApp({ database: database.url })
    t.after(app.stop)
    const bytes = await photo()
    const add = async (user: string) =>
      mediaOf(await upload(app.url, { bytes }, { headers: { 'X-User': user } }))
    const stays = await add('bob')
    const ofBob = new Set(await app.keys())
    for (let i = 0; i < 5; i++) await add('leaver')
    const begun = await fetch(`${app.url}/api/uploads`, {
      method: 'POST',
      headers: { 'X-User': 'leaver', 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'a.jpg', size: bytes.length, type: 'image/jpeg' }),
    })
    assert.equal(begun.status, 201)

    // It dies in the transaction of the n-th, which is rolled back: those before it have gone.
    for (const [removals, left] of [
      [3, 3],
      [2, 2],
    ]) {
      const child = spawn(process.execPath, [script, database.url, app.proxy.url, String(removals)], {
        stdio: 'inherit',
      })
      assert.equal((await once(child, 'exit'))[1], 'SIGKILL')
      assert.equal(await app.tintype.media.count({ owner: 'leaver' }), left)
    }
    const outcome = await app.tintype.media.removeAll({ owner: 'leaver' })
    // The first call had cancelled the direct upload already.
    assert.deepEqual(outcome, { removed: 2, cancelled: 0, kept: 0 })
    app.clock.advance(3_600_000)
    await until(async () => (await app.keys()).every((key) => ofBob.has(key)))
    assert.equal((await app.keys()).length, ofBob.size)
    assert.ok(await app.tintype.media.get(stays.id))
  })
