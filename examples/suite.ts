import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import type { Media, MediaPage, UploadSession } from '@tintype/protocol'
import { photo } from '../test/media/photos.ts'
import { announcement, post, send, sha256 } from '../test/support/direct.ts'
import { mediaOf, problemOf, upload } from '../test/support/server.ts'
import { type App, formOf, type RunningExample, sendForm, startExample } from './support.ts'

type Headers = Record<string, string>

export interface Example {
  name: string
  /** Imports its app. */
  load: () => Promise<App>
  /** What this user's requests have to carry. */
  signIn(url: string, user: string): Headers | Promise<Headers>
  /** Whether `POST /posts` takes a text and a photo. */
  hasOwnRoute: boolean
  /** Whether its page's form works without JavaScript. */
  hasForm: boolean
  /** Further tests of this one. */
  more?: (example: () => RunningExample) => void
}

/** Tests what holds for Tintype in every framework. */
export function testExample({ name, more, ...example }: Example): void {
  describe(name, () => {
    const running = testTintype(example)
    more?.(running)
  })
}

function testTintype({
  load,
  signIn,
  hasOwnRoute,
  hasForm,
}: Omit<Example, 'name' | 'more'>): () => RunningExample {
  let example: RunningExample
  let url: string
  let ann: Headers
  let bytes: Buffer
  before(async () => {
    bytes = await photo()
    example = await startExample(load)
    url = example.url
    ann = await signIn(url, 'ann')
  })
  after(() => example.stop())

  const get = (path: string, headers: Headers = ann) => fetch(url + path, { headers, redirect: 'manual' })
  const list = async () => ((await (await get('/api/media')).json()) as MediaPage).media
  const remove = (id: string) => fetch(`${url}/api/media/${id}`, { method: 'DELETE', headers: ann })

  test('a form brings a photo, which its owner alone sees, changes and deletes', async () => {
    const response = await upload(url, { bytes }, { headers: ann, caption: 'On the beach' })
    assert.equal(response.status, 201)
    const media = await mediaOf(response)
    assert.equal(response.headers.get('location'), `/api/media/${media.id}`)
    assert.deepEqual([media.caption, media.sha256], ['On the beach', sha256(bytes)])
    assert.deepEqual(
      (await list()).map(({ id }) => id),
      [media.id],
    )
    assert.equal((await get(`/api/media/${media.id}`, await signIn(url, 'bob'))).status, 404)

    const changed = await fetch(`${url}/api/media/${media.id}`, {
      method: 'PATCH',
      headers: { ...ann, 'Content-Type': 'application/json' },
      body: JSON.stringify({ caption: 'In the sea' }),
    })
    assert.equal(((await changed.json()) as Media).caption, 'In the sea')

    assert.equal((await remove(media.id)).status, 204)
    assert.equal((await get(`/api/media/${media.id}`)).status, 404)
    assert.deepEqual(await list(), [])
  })

  test('a direct upload goes to the storage and becomes a photo', async () => {
    const begun = await post(`${url}/api/uploads`, announcement(bytes), ann)
    assert.equal(begun.status, 201)
    const { id, put } = (await begun.json()) as UploadSession
    assert.ok(put)
    assert.equal((await send(put, bytes)).status, 200)
    const completed = await post(`${url}/api/uploads/${id}/complete`, undefined, ann)
    assert.equal(completed.status, 201)
    const media = (await completed.json()) as Media
    assert.deepEqual([media.sha256, media.width], [sha256(bytes), 64])
    assert.equal((await remove(media.id)).status, 204)
  })

  test('a view leads to a signed URL at the address that was asked, which needs no sign-in', async () => {
    const media = await mediaOf(await upload(url, { bytes }, { headers: ann }))
    for (const origin of [url, `http://localhost:${example.port}`]) {
      const view = await fetch(`${origin}/api/media/${media.id}/original`, {
        headers: ann,
        redirect: 'manual',
      })
      assert.equal(view.status, 302)
      const signed = view.headers.get('location') ?? ''
      assert.ok(signed.startsWith(`${origin}/api/`), signed)
      const shown = await fetch(signed)
      assert.deepEqual([shown.status, shown.headers.get('content-type')], [200, 'image/jpeg'])
      assert.equal(sha256(new Uint8Array(await shown.arrayBuffer())), sha256(bytes))
      const piece = await fetch(signed, { headers: { Range: 'bytes=0-9' } })
      assert.deepEqual([piece.status, (await piece.arrayBuffer()).byteLength], [206, 10])
    }
    const thumb = await fetch(media.urls.thumb ?? '')
    assert.deepEqual([thumb.status, thumb.headers.get('content-type')], [200, 'image/webp'])
    await thumb.arrayBuffer()
    const image = await fetch(`${url}/api/media/${media.id}/image?w=640`, {
      headers: { ...ann, Accept: 'image/webp,*/*' },
    })
    assert.deepEqual([image.status, image.headers.get('content-type')], [200, 'image/webp'])
    await image.arrayBuffer()
    assert.equal((await remove(media.id)).status, 204)
  })

  test('a refusal arrives as problem details, however much its sender still wanted to send', async () => {
    const large = { bytes: Buffer.alloc(4 << 20), name: 'zeros.jpg' }
    const refused = await upload(url, large, { headers: ann })
    assert.equal(refused.status, 415)
    assert.match(refused.headers.get('content-type') ?? '', /^application\/problem\+json/)
    assert.equal((await problemOf(refused)).code, 'unsupported_type')

    const anonymous = await upload(url, large)
    assert.equal(anonymous.status, 401)
    assert.equal((await problemOf(anonymous)).code, 'unauthenticated')
    assert.equal((await get('/api/media', {})).status, 401)
    assert.deepEqual(await list(), [])
  })

  test('a body that is announced too large is refused before any of it comes', async () => {
    const headers = { ...ann, 'Content-Type': 'multipart/form-data; boundary=b', 'Content-Length': 1e15 }
    const asked = request(`${url}/api/media`, { method: 'POST', headers })
    asked.flushHeaders()
    const [answer] = await once(asked, 'response')
    asked.on('error', () => {}).destroy()
    assert.equal(answer.statusCode, 413)
  })

  test('what is not there is told by the API below its mount, and by the framework elsewhere', async () => {
    const inside = await get('/api/nothing')
    assert.deepEqual([inside.status, (await problemOf(inside)).code], [404, 'not_found'])
    const outside = await get('/nothing')
    assert.equal(outside.status, 404)
    assert.doesNotMatch(await outside.text(), /urn:tintype/)
  })

  if (hasForm)
    test('the form of the page brings a photo without JavaScript, and leads back to the page', async () => {
      const html = await (await get('/')).text()
      const sent = await sendForm(url, formOf(html), bytes, ann)
      assert.deepEqual([sent.status, sent.headers.get('location')], [303, '/'])
      const [media] = await list()
      assert.equal((await remove(media?.id ?? '')).status, 204)
    })

  if (hasOwnRoute)
    test("a route of the app's own is given what was uploaded", async () => {
      const form = new FormData()
      form.append('text', 'Hello')
      form.append('photo', new Blob([new Uint8Array(bytes)]), 'p.jpg')
      const response = await fetch(`${url}/posts`, { method: 'POST', body: form, headers: ann })
      assert.equal(response.status, 201)
      const { text, photos } = (await response.json()) as { text: string; photos: Media[] }
      assert.deepEqual([text, photos.length, photos[0]?.name], ['Hello', 1, 'p.jpg'])

      const large = { bytes: Buffer.alloc(4 << 20), field: 'photo' }
      const refused = await upload(url, large, { path: '/posts', headers: ann })
      assert.deepEqual([refused.status, (await problemOf(refused)).code], [415, 'unsupported_type'])
      const anonymous = await upload(url, large, { path: '/posts' })
      assert.deepEqual([anonymous.status, (await problemOf(anonymous)).code], [401, 'unauthenticated'])
    })
  return () => example
}

/** Signs in where the app has sessions, and keeps the cookie. */
export async function sessionOf(url: string, user: string): Promise<Headers> {
  const body = new URLSearchParams({ user })
  const response = await fetch(`${url}/login`, { method: 'POST', body, redirect: 'manual' })
  assert.deepEqual([response.status, response.headers.get('location')], [303, '/'])
  const cookies = response.headers.getSetCookie().map((cookie) => cookie.replace(/;.*/, ''))
  return { Cookie: cookies.join('; ') }
}
