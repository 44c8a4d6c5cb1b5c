import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { photo } from '../../test/media/photos.ts'
import { mediaOf, upload } from '../../test/support/server.ts'
import { type RunningExample, startExample } from '../support.ts'

let example: RunningExample
let url: string
before(async () => {
  example = await startExample(new URL('app.ts', import.meta.url))
  url = example.url
})
after(() => example.stop())

test('the mounted API takes a photo and deletes it', async () => {
  const media = await mediaOf(await upload(url, { bytes: await photo() }))
  assert.equal((await fetch(media.urls.original)).status, 200)
  assert.equal((await fetch(`${url}/api/media/${media.id}`, { method: 'DELETE' })).status, 204)
})

test("an app's own route finds what was uploaded in req.media", async () => {
  const form = new FormData()
  form.append('text', 'Hello')
  form.append('photo', new Blob([new Uint8Array(await photo())]), 'p.jpg')
  const response = await fetch(`${url}/posts`, { method: 'POST', body: form })
  assert.equal(response.status, 201)
  const { text, photos } = (await response.json()) as { text: string; photos: Media[] }
  assert.deepEqual([text, photos.length, photos[0]?.name], ['Hello', 1, 'p.jpg'])
  const refused = await upload(url, { bytes: Buffer.from('<html>'), field: 'photo' }, { path: '/posts' })
  assert.equal(refused.status, 415)
})

test('Multer with Tintype as its storage gives each file its media', async () => {
  const response = await upload(url, { bytes: await photo(), field: 'avatar' }, { path: '/avatar' })
  assert.equal(response.status, 201)
  const { media } = (await response.json()) as { media: Media }
  assert.equal((await fetch(media.urls.thumb ?? '')).status, 200)
})
