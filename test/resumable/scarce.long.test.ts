import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { createFiles } from '../crash/files.ts'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { sha256 } from '../support/direct.ts'
import { problemOf } from '../support/server.ts'
import { startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

const mebibyte = 1024 * 1024
const tus = { 'Tus-Resumable': '1.0.0' }

test('where memory has room for one part and a half, the next one waits for the one that is on its way', async (t) => {
  const app = await startStorageApp({ limits: { memory: 24 * mebibyte } })
  t.after(() => app.stop())
  const video = await largeVideo(12 * mebibyte)
  const memory = async () => (await app.tintype.status()).memory
  const { limit } = await memory()
  assert.ok(limit < 10 * mebibyte, 'there is room for two parts')

  // The first part is in S3, and its answer comes when the second one has taken what room is left.
  let isSecondFull = false
  app.proxy.faults.after = async ({ url }) => {
    if (!url?.includes('partNumber=1&') || isSecondFull) return
    await until(async () => (await memory()).used > 7 * mebibyte)
    isSecondFull = true
  }
  const created = await fetch(`${app.url}/api/files`, {
    method: 'POST',
    headers: { ...tus, 'Upload-Length': String(video.length) },
  })
  const url = new URL(created.headers.get('location') ?? '', app.url)
  const headers = { ...tus, 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' }
  const done = await fetch(url, { method: 'PATCH', headers, body: new Uint8Array(video) })
  assert.equal(done.status, 204, await done.text())
  assert.ok(isSecondFull)
  const media = (await (
    await fetch(new URL(String(done.headers.get('content-location')), app.url))
  ).json()) as Media
  assert.equal(media.sha256, sha256(video))
})

test('videos that memory has no room for are taken as they are, and photos are told how large they may be', async (t) => {
  const transformed: string[] = []
  const app = await startStorageApp({
    limits: { memory: 24 * mebibyte },
    hooks: {
      transform: async ({ type, name }) => {
        transformed.push(type)
        return { name: `seen ${name}` }
      },
    },
  })
  t.after(() => app.stop())
  const sendForm = (bytes: Uint8Array, name: string) => {
    const form = new FormData()
    form.append('file', new Blob([new Uint8Array(bytes)]), name)
    return fetch(`${app.url}/api/media`, { method: 'POST', body: form })
  }
  for (const size of [3, 7, 12]) {
    const video = await largeVideo(size * mebibyte)
    if (size < 8) assert.equal((await sendForm(video, 'a.mp4')).status, 201, `${size} MiB by form`)

    const headers = {
      ...tus,
      'Upload-Length': String(video.length),
      'Content-Type': 'application/offset+octet-stream',
    }
    const init = { method: 'POST', headers, body: new Uint8Array(video) }
    const byTus = await fetch(`${app.url}/api/files`, init)
    assert.equal(byTus.status, 201, `${size} MiB by tus: ${await byTus.text()}`)
    assert.equal(byTus.headers.get('upload-offset'), String(video.length))
  }
  assert.deepEqual(transformed, ['video/mp4', 'video/mp4'])

  // Cleaning a larger one needs what the part has that is written anew, not the largest that a part can have.
  const { bytes: placed } = (await createFiles()).longPlacedVideo()
  const headers = {
    ...tus,
    'Upload-Length': String(placed.length),
    'Content-Type': 'application/offset+octet-stream',
  }
  const cleaned = await fetch(`${app.url}/api/files`, {
    method: 'POST',
    headers,
    body: new Uint8Array(placed),
  })
  assert.equal(cleaned.headers.get('upload-offset'), String(placed.length), await cleaned.text())

  const large = Buffer.concat([await photo(), Buffer.alloc(5 * mebibyte)])
  const refused = await problemOf(await sendForm(large, 'a.jpg'))
  assert.equal(refused.code, 'too_large')
  assert.ok(Number(refused.limit) > 4 * mebibyte && Number(refused.limit) < 5 * mebibyte)
})
