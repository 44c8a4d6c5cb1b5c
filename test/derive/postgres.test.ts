import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTintype } from '../../packages/tintype/src/index.ts'
import { photo } from '../media/photos.ts'
import { createDatabase, skipWithoutPostgres } from '../support/postgres.ts'
import { bucketName, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

const owner = 'ann'

test('on Postgres: in the background, on demand by two processes, after a replacement, and anew', {
  skip: skipWithoutPostgres,
}, async (t) => {
  const { url: database, drop } = await createDatabase()
  // The database goes last: those that are connected to it would be cut off.
  const ends = [drop]
  t.after(async () => {
    for (const end of ends.toReversed()) await end()
  })
  const variants = { thumb: { width: 320 }, view: { width: 600 }, print: { width: 500, eager: false } }
  const app = await startStorageApp({ database, variants })
  ends.push(() => app.stop())
  const { media } = app.tintype
  const viewed = (id: string) => until(async () => (await media.get(id))?.urls.view)
  const { id } = await media.create(await photo({ width: 900, height: 700 }), { owner })
  await viewed(id)

  const asked = [app.url, app.otherUrl].map((url) => fetch(`${url}/api/media/${id}/print`))
  let waiting = true
  const answers = Promise.all(asked).finally(() => {
    waiting = false
  })
  await until(() => {
    app.clock.advance(20)
    return !waiting
  })
  assert.deepEqual(
    (await answers).map(({ status }) => status),
    [200, 200],
  )
  assert.equal((await app.keys()).filter((key) => key.includes('print')).length, 1)
  await media.replace(id, await photo({ width: 800, height: 700 }), { owner })
  await viewed(id)

  const changed = await createTintype({
    bucket: {
      name: bucketName,
      endpoint: app.proxy.url,
      credentials: { accessKeyId: 'app', secretAccessKey: 'apps-secret' },
    },
    database,
    authenticate: () => owner,
    variants: { thumb: { width: 100 }, other: { width: 300 } },
    log: { info() {}, warn() {}, error() {} },
  })
  ends.push(() => changed.close())
  const counts = { photos: 1, allPhotos: 1 }
  const { made, ...done } = await changed.rebuildVariants()
  assert.deepEqual(done, { ...counts, outdated: 2, removed: 1 })
  // The other server helps while it has work of its own.
  assert.ok(made <= 2, `${made} made`)
  const again = () => changed.rebuildVariants({ dryRun: true })
  assert.deepEqual(await until(again, ({ outdated }) => outdated === 0), {
    ...counts,
    outdated: 0,
    made: 0,
    removed: 0,
  })
  await changed.media.remove(id)
  await until(
    () => {
      app.clock.advance(600_000)
      return app.keys()
    },
    (keys) => keys.length === 0,
  )
})
