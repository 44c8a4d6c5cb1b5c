import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { photo } from '../media/photos.ts'
import { mediaOf, upload } from '../support/server.ts'
import { startStorageApp } from '../support/storage-app.ts'

test('a body that has come whole before the app knows who sends it is read whole', async () => {
  const app = await startStorageApp({
    async authenticate(req: IncomingMessage) {
      while (!req.complete) await setImmediate()
      return 'ann'
    },
  })
  try {
    const small = await photo()
    const made = await upload(app.url, { bytes: small }, { caption: 'Small' })
    assert.equal(made.status, 201)
    const { id, caption } = await mediaOf(made)
    assert.equal(caption, 'Small')
    const path = `/api/media/${id}`
    assert.equal((await upload(app.url, { bytes: small }, { path, method: 'PUT' })).status, 200)
  } finally {
    await app.stop()
  }
})
