import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { databases } from '../support/app-database.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'
import type { Order } from './app-process.ts'

const script = fileURLToPath(new URL('./app-process.ts', import.meta.url))
const points = [
  'store.examined',
  'ledger.reserved',
  'store.reserved',
  'store.firstObject',
  'store.allObjects',
  'ledger.publishing',
  'store.published',
  'before commit',
  'after commit',
] as const
const ofStreams = ['stream.created', 'stream.partStored', 'stream.allParts', 'stream.completed'] as const

for (const { name, skip, create, connect } of databases)
  describe(`an app that is killed in media.create, on ${name}`, { skip }, () => {
    let database: Awaited<ReturnType<typeof create>>
    let rows: Awaited<ReturnType<typeof connect>>
    let app: StorageApp
    let folder: string
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'tintype-create-crash-'))
      await writeFile(join(folder, 'photo.jpg'), await photo())
      await writeFile(join(folder, 'film.mp4'), await largeVideo(9 * 1024 * 1024))
      database = await create()
      app = await startStorageApp({ database: database.url })
      rows = await connect(database.url)
    })
    after(async () => {
      await rows.close()
      await app.stop()
      await database.drop()
      await rm(folder, { recursive: true })
    })

    /** The app does as it is told, and is dead when this returns. */
    async function run(order: Pick<Order, 'at' | 'inside'>, path: string): Promise<void> {
      const full: Order = { ...order, path, database: database.url, endpoint: app.proxy.url }
      const child = spawn(process.execPath, [script, JSON.stringify(full)], { stdio: 'inherit' })
      const [, signal] = await once(child, 'exit')
      assert.equal(signal, 'SIGKILL')
    }
    const keysOf = async (query: string) => new Set((await rows.all(query)).map(({ key }) => String(key)))
    const inBucket = async () => [...(await app.keys()), ...(await app.openMultiparts())]

    for (const [file, at] of [
      ...points.map((at) => ['photo.jpg', at] as const),
      ...ofStreams.map((at) => ['film.mp4', at] as const),
    ])
      for (const inside of [false, true])
        test(`${file} at ${at}${inside ? ', in a transaction of its own' : ''}`, async () => {
          await run({ at, inside }, join(folder, file))
          const isMade = at === 'after commit' || (!inside && /^(store.published|before commit)$/.test(at))
          const media = (await app.tintype.media.list({ owner: 'ann' })).media
          assert.equal(media.length, isMade ? 1 : 0)

          const scheduled = await keysOf('select key from tintype_sweep')
          const named = await keysOf('select key from tintype_media union select key from tintype_variant')
          for (const key of named) assert.ok(!scheduled.has(key), `${key} is visible, and to be deleted`)
          for (const key of await inBucket())
            assert.ok(scheduled.has(key) || named.has(key), `${key} has no row`)

          for (const { id } of media) {
            await until(async () => (await app.keys()).length >= named.size)
            await app.tintype.media.remove(id)
          }
          await until(
            () => {
              app.clock.advance(60_000)
              return inBucket()
            },
            (seen) => seen.length === 0,
          )
        })
  })
