import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { sha256 } from '../support/direct.ts'
import { startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

const mebibyte = 1024 * 1024
const tus = { 'Tus-Resumable': '1.0.0' }

test('more slow uploads than memory has room for are all taken, forms get in, and no byte is lost', async (t) => {
  const app = await startStorageApp({ limits: { memory: 32 * mebibyte }, times: { stall: 3600 } })
  t.after(() => app.stop())
  const video = await largeVideo(6 * mebibyte)

  async function begin(): Promise<{ patch: ClientRequest; answer: Promise<IncomingMessage>; url: URL }> {
    const created = await fetch(`${app.url}/api/files`, {
      method: 'POST',
      headers: { ...tus, 'Upload-Length': String(video.length) },
    })
    const url = new URL(created.headers.get('location') ?? '', app.url)
    const headers = { ...tus, 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' }
    const patch = request(url, { method: 'PATCH', agent: false, headers })
    const answer = once(patch, 'response').then(([response]) => response as IncomingMessage)
    return { patch, answer, url }
  }
  const statusOf = async (answer: Promise<IncomingMessage>) => {
    const response = await answer
    response.resume()
    return response.statusCode
  }
  const memory = async () => (await app.tintype.status()).memory

  const { limit } = await memory()
  const count = 20
  const first = Math.ceil((limit / count) * 1.2)
  const uploads = await Promise.all(Array.from({ length: count }, begin))
  for (const { patch } of uploads) patch.write(video.subarray(0, first))
  // Some have all the memory by now, and wait for their senders; the others wait for them.
  await until(async () => (await memory()).waiting > 2)
  await until(async () => {
    app.clock.advance(1100)
    return (await memory()).waiting === 0
  })
  for (const { patch } of uploads) patch.write(video.subarray(first, first + 1000))

  const form = new FormData()
  form.append('file', new Blob([new Uint8Array(await photo())]), 'a.jpg')
  assert.equal((await fetch(`${app.url}/api/media`, { method: 'POST', body: form })).status, 201)

  const [one, ...others] = uploads
  for (const { patch } of others) patch.end()
  for (const { answer } of others) assert.equal(await statusOf(answer), 204)
  for (const { url } of others.slice(0, 5)) {
    const head = await fetch(url, { method: 'HEAD', headers: tus })
    assert.equal(head.headers.get('upload-offset'), String(first + 1000))
  }
  one?.patch.end(video.subarray(first + 1000))
  const done = (await one?.answer) as IncomingMessage
  assert.equal(done.statusCode, 204)
  const media = (await (
    await fetch(new URL(String(done.headers['content-location']), app.url))
  ).json()) as Media
  assert.equal(media.sha256, sha256(video))
  const { used } = await memory()
  assert.ok(used < limit)
})
