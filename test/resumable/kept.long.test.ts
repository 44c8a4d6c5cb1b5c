import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { sha256 } from '../support/direct.ts'
import { startStorageApp } from '../support/storage-app.ts'

test('a photo that S3 takes at the second try alone is told as it was sent, and as cleaned', async (t) => {
  const app = await startStorageApp()
  t.after(() => app.stop())
  const bytes = await photo({ gps: true })
  const tus = { 'Tus-Resumable': '1.0.0' }
  const created = await fetch(`${app.url}/api/files`, {
    method: 'POST',
    headers: { ...tus, 'Upload-Length': String(bytes.length) },
  })
  const url = new URL(created.headers.get('location') ?? '', app.url)

  let refused = 0
  app.proxy.faults.pick = ({ method, url }) => {
    if (method !== 'PUT' || !/original/.test(url ?? '')) return
    refused++
    return 'slow down'
  }
  const headers = { ...tus, 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' }
  const sent = await fetch(url, { method: 'PATCH', headers, body: new Uint8Array(bytes) })
  assert.equal(sent.status, 503)
  assert.ok(refused > 0)
  delete app.proxy.faults.pick

  const head = await fetch(url, { method: 'HEAD', headers: tus })
  assert.equal(head.headers.get('upload-offset'), String(bytes.length))
  const answer = await fetch(new URL(head.headers.get('content-location') ?? '', app.url))
  const media = (await answer.json()) as Media
  assert.equal(media.sentSha256, sha256(bytes))
  assert.equal(media.cleaned?.location, true)
  assert.notEqual(media.sha256, media.sentSha256)
})
