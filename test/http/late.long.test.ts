import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { photo } from '../media/photos.ts'
import { mediaOf } from '../support/server.ts'
import { startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

test('a body that has come whole before the app knows who sends it is read whole', async () => {
  const app = await startStorageApp({
    async authenticate(req: IncomingMessage) {
      await until(() => req.complete)
      return 'ann'
    },
  })
  const form = new FormData()
  form.append('file', new Blob([new Uint8Array(await photo())]), 'small.jpg')
  // In one piece, as forms of some kilobytes arrive.
  const whole = new Response(form)
  const headers = { 'Content-Type': String(whole.headers.get('Content-Type')) }
  const body = await whole.arrayBuffer()
  try {
    const made = await fetch(`${app.url}/api/media`, { method: 'POST', headers, body })
    assert.equal(made.status, 201)
    const { id } = await mediaOf(made)
    const replaced = await fetch(`${app.url}/api/media/${id}`, { method: 'PUT', headers, body })
    assert.equal(replaced.status, 200)
  } finally {
    await app.stop()
  }
})
