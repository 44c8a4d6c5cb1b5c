import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import type { S3Fault } from '@tintype/crash-kit'
import { photo } from '../media/photos.ts'
import { skipWithoutPostgres } from '../support/postgres.ts'
import type { ServerProcess } from '../support/process.ts'
import { mediaOf, problemOf, upload } from '../support/server.ts'
import { createWorld, type Storage, startStorage, type World } from './world.ts'

/** What people are told while S3 fails; what is left of it is the other tests' business. */
describe('a server whose S3 fails', () => {
  let storage: Storage
  let world: World
  let server: ServerProcess
  let jpeg: Buffer
  before(async () => {
    jpeg = await photo()
    storage = await startStorage()
    world = await createWorld(storage)
    server = await world.start()
  })
  after(async () => {
    await world.dispose()
    await storage.stop()
  })
  afterEach(() => world.calm())

  const failAll = (method: string, fault: S3Fault) => {
    world.s3Proxy.faults.pick = (req) => (req.method === method ? fault : undefined)
  }
  const list = async () => ((await (await fetch(`${server.url}/api/media`)).json()) as { media: [] }).media

  for (const [what, fault] of [
    ['answers 503 SlowDown', 'slow down'],
    ['resets the connection', 'reset before'],
    ['answers 200 with an error inside', 'error in 200'],
    ['stalls', 'stall'],
  ] as const) {
    test(`an upload is 503 when S3 ${what}, and nothing is visible`, async () => {
      const before = await list()
      failAll('PUT', fault)
      const response = await upload(server.url, { bytes: jpeg })
      assert.equal(response.status, 503)
      assert.ok(response.headers.get('retry-after'))
      assert.equal((await problemOf(response)).code, 'storage_unavailable')
      assert.deepEqual(await list(), before)
    })
  }

  for (const [what, fault] of [
    ['is away', 'slow down'],
    ['answers 200 with an error inside', 'error in 200'],
  ] as const) {
    test(`DELETE is 202 when S3 ${what}, and the sweeper makes it true later`, async () => {
      const media = await mediaOf(await upload(server.url, { bytes: jpeg }))
      failAll('DELETE', fault)
      assert.equal((await fetch(`${server.url}/api/media/${media.id}`, { method: 'DELETE' })).status, 202)
      assert.equal((await fetch(`${server.url}/api/media/${media.id}`)).status, 404)
      const swept = Promise.withResolvers<void>()
      const path = new URL(media.urls.original).pathname
      world.s3Proxy.faults.after = (req) => {
        if (req.method === 'DELETE' && req.url?.startsWith(path)) swept.resolve()
      }
      delete world.s3Proxy.faults.pick
      await swept.promise
      assert.equal((await fetch(media.urls.original)).ok, false)
    })
  }

  test('a put whose reply was lost is made again under another key, and the first is swept', async () => {
    let puts = 0
    world.s3Proxy.faults.pick = (req) => {
      const isOriginal = req.method === 'PUT' && req.url?.includes('/original.')
      return isOriginal && ++puts === 1 ? 'reset after' : undefined
    }
    const swept = Promise.withResolvers<void>()
    world.s3Proxy.faults.after = (req) => {
      if (req.method === 'DELETE') swept.resolve()
    }
    const media = await mediaOf(await upload(server.url, { bytes: jpeg }))
    await swept.promise
    assert.equal(puts, 2)
    assert.equal((await fetch(media.urls.original)).status, 200)
  })

  test('a termination finishes the upload that is under way, then ends with 0', async () => {
    let ended: Promise<number | null> | undefined
    world.s3Proxy.faults.after = (req) => {
      if (req.method === 'PUT') ended ??= server.terminate()
    }
    assert.equal((await upload(server.url, { bytes: jpeg })).status, 201)
    assert.equal(await ended, 0)
  })
})

describe('a server whose Postgres goes silent', { skip: skipWithoutPostgres }, () => {
  test('answers 503 while it lasts, and works again as soon as a new Postgres answers', async (t) => {
    const storage = await startStorage()
    const world = await createWorld(storage, { database: 'postgres' })
    t.after(async () => {
      await world.dispose()
      await storage.stop()
    })
    const server = await world.start()
    const jpeg = await photo()
    const several = () => Promise.all(Array.from({ length: 6 }, () => upload(server.url, { bytes: jpeg })))
    for (const response of await several()) assert.equal(response.status, 201)

    world.pgProxy?.stall()
    const refused = await several()
    for (const response of refused) assert.equal(response.status, 503)
    assert.equal((await problemOf(refused[0] as Response)).code, 'database_unavailable')
    world.pgProxy?.resume()

    const [media] = await Promise.all((await several()).map(mediaOf))
    assert.equal((await fetch(`${server.url}/api/media/${media?.id}`, { method: 'DELETE' })).status, 204)
    assert.equal(await server.terminate(), 0)
  })
})
