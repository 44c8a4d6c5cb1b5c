import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, test } from 'node:test'
import type { ScanningUploads, UploadStatus } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { databases } from '../support/app-database.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'
import type { Order, Told } from './app-process.ts'

const script = join(import.meta.dirname, 'app-process.ts')
const minute = 60_000

for (const { name, skip, create, connect } of databases)
  describe(`an app that is killed while it scans, on ${name}`, { skip }, () => {
    let database: Awaited<ReturnType<typeof create>>
    let rows: Awaited<ReturnType<typeof connect>>
    /** Those that start afterwards. */
    let app: StorageApp
    let photos: Buffer[]
    beforeEach(async () => {
      photos = [await photo({ width: 40, height: 30 }), await photo({ width: 30, height: 40 })]
      database = await create()
      app = await startStorageApp({ database: database.url, times: { uploadDeadline: 60 } })
      rows = await connect(database.url)
    })
    afterEach(async () => {
      await rows.close()
      await app.stop()
      await database.drop()
    })

    /** Sends a form of two photos, and kills the app when both are being scanned and `isDue` has resolved. */
    async function killed(
      scanAnswer: number,
      isDue: (response: Promise<Response>) => Promise<unknown>,
    ): Promise<void> {
      const order: Order = { database: database.url, endpoint: app.proxy.url, scanAnswer }
      const child = spawn(process.execPath, [script, JSON.stringify(order)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const exited = once(child, 'exit')
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      const told = async () => JSON.parse((await lines.next()).value ?? '') as Told
      const started = await told()
      assert.ok('url' in started)
      const response = send(started.url)
      // Where it is not answered, it fails when its server dies.
      response.catch(() => {})
      for (const _ of photos) assert.ok('scanning' in (await told()))
      await isDue(response)
      child.kill('SIGKILL')
      assert.deepEqual(await exited, [null, 'SIGKILL'])
    }
    function send(url: string): Promise<Response> {
      const body = new FormData()
      for (const bytes of photos) body.append('file', new Blob([Uint8Array.from(bytes)]), 'a.jpg')
      const headers = { 'Idempotency-Key': 'the-same' }
      return fetch(`${url}/api/media`, { method: 'POST', body, headers })
    }
    const visible = async () => (await app.tintype.media.list({ owner: 'ann' })).media.map(({ id }) => id)

    /** Nothing was visible, nothing stays in the bucket, and the same request is carried out anew. */
    async function demandSwept(): Promise<void> {
      assert.deepEqual(await visible(), [])
      const scheduled = new Set((await rows.all('select key from tintype_sweep')).map(({ key }) => key))
      for (const key of await app.keys()) assert.ok(scheduled.has(key), `${key} has no row`)
      await until(
        () => {
          app.clock.advance(minute)
          return app.keys()
        },
        (keys) => keys.length === 0,
      )
      assert.deepEqual(await visible(), [])

      assert.equal((await send(app.url)).status, 201)
      const ids = await visible()
      assert.equal(ids.length, photos.length)
      for (const id of ids) await app.tintype.media.remove(id)
      await until(
        () => {
          app.clock.advance(minute)
          return app.keys()
        },
        (keys) => keys.length === 0,
      )
    }

    test('before it has answered: nothing of it is left', async () => {
      await killed(600, async () => assert.notDeepEqual(await app.keys(), []))
      assert.deepEqual(await rows.all('select id from tintype_upload'), [])
      await demandSwept()
    })

    test('after it has answered with 202: its sessions say that it was interrupted, and nothing is left', async () => {
      let uploads: ScanningUploads['uploads'] = []
      await killed(0, async (response) => {
        assert.equal((await response).status, 202)
        uploads = ((await (await response).json()) as ScanningUploads).uploads
      })
      assert.equal(uploads.length, photos.length)
      // Its lease ends.
      app.clock.advance(minute)
      for (const { id } of uploads) {
        const response = await fetch(`${app.url}/api/uploads/${id}`)
        const { state, refusal } = (await response.json()) as UploadStatus
        assert.deepEqual([state, refusal?.status, refusal?.code], ['refused', 503, 'scan_interrupted'])
      }
      await demandSwept()
    })
  })
