import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { Media, MediaPage } from '@tintype/protocol'
import { photo } from './media/photos.ts'
import { runApp } from './support/page-app.ts'
import { mediaOf, upload } from './support/server.ts'

test('the ten lines of the README run as they stand, on another port', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const [, lines = ''] = /```js\n(.*?)```/s.exec(readme) ?? []
  await using app = await runApp(lines.split('\n'))
  const form = new FormData()
  form.append('photo', new Blob([(await photo()) as Uint8Array<ArrayBuffer>]), 'photo.jpg')
  form.append('text', 'hello')
  const posted = await fetch(`${app.url}/posts`, { method: 'POST', body: form })
  const { text, photos } = (await posted.json()) as { text: string; photos: Media[] }
  assert.equal(text, 'hello')
  const { media } = (await (await fetch(`${app.url}/api/media`)).json()) as MediaPage
  assert.deepEqual(
    media.map(({ id }) => id),
    photos.map(({ id }) => id),
  )
  // "the HTTP API: upload, list, view, delete"
  const uploaded = await mediaOf(await upload(app.url, { bytes: await photo({ seed: 2 }) }))
  const one = `${app.url}/api/media/${uploaded.id}`
  assert.equal((await fetch(`${one}/original`)).headers.get('content-type'), 'image/jpeg')
  assert.equal((await fetch(one, { method: 'DELETE' })).status, 204)
  assert.equal((await fetch(one)).status, 404)
})
