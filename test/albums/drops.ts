import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { before, describe, test } from 'node:test'
import type { Album, Media, MediaPage, SharedAlbum, ShareLinks, UploadSession } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { problemOf } from '../support/server.ts'
import {
  type AlbumServer,
  type Browser,
  makeAlbum,
  manyForOnePlace,
  oneServer,
  sendPhoto,
  share,
  startAlbums,
} from './server.ts'

type Guest = Awaited<ReturnType<AlbumServer['guest']>>

const sentBy = async (guest: Guest) =>
  (await guest.json<MediaPage>(`${guest.api}/media`)).media.map(({ id }) => id)

const cookiesOf = ({ cookies }: Guest) => Array.from(cookies, (pair) => pair.join('=')).join('; ')

/** Begins a direct upload and sends its bytes, so that it has only to be completed. */
async function sendDirectly(guest: Guest, origin: string): Promise<string> {
  const bytes = await photo()
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const body = { name: 'a.jpg', size: bytes.length, type: 'image/jpeg', sha256 }
  const session = await guest.json<UploadSession>(`${guest.api}/uploads`, { method: 'POST', body })
  assert.ok(session.put)
  const { url, headers } = session.put
  const put = await fetch(new URL(url, origin), { method: 'PUT', headers, body: new Uint8Array(bytes) })
  assert.equal(put.status, 200)
  return session.id
}

describe('guests of a drop link', () => {
  let server: AlbumServer
  let ann: Browser
  let album: Album
  let hers: Media
  before(async () => {
    server = await oneServer()
    ann = await server.signedIn('Ann')
    hers = await sendPhoto(ann)
    album = await makeAlbum(ann, 'Wedding', [hers.id])
  })

  const complete = (guest: Guest, id: string) =>
    guest.fetch(`${guest.api}/uploads/${id}/complete`, { method: 'POST' })
  const linkOf = async (id: string) =>
    (await ann.json<ShareLinks>(`/api/albums/${album.id}/links`)).links.find((one) => one.id === id)

  test('send photos into it, see what this visit has sent, and remove it again', async () => {
    const made = await share(ann, album, { kind: 'drop' })
    const [guest, other] = [await server.guest(made), await server.guest(made)]
    const { id } = await sendPhoto(guest, `${guest.api}/media`)
    assert.deepEqual([await sentBy(guest), await sentBy(other)], [[id], []])
    const { count, room } = await guest.json<SharedAlbum>(`${guest.api}/album`)
    assert.deepEqual([count, room], [1, { files: null, bytes: null }])
    // The photo is the owner's, and in the album.
    assert.equal((await ann.fetch(`/api/media/${id}`)).status, 200)
    const { media } = await ann.json<MediaPage>(`/api/albums/${album.id}/media`)
    assert.ok(media.some((one) => one.id === id))

    for (const path of [`/media/${hers.id}`, `/media/${hers.id}/thumb`, `/media/${hers.id}/image?w=160`])
      assert.equal((await guest.fetch(guest.api + path)).status, 404, path)
    const remove = (one: Guest, which: string) => one.fetch(`${one.api}/media/${which}`, { method: 'DELETE' })
    assert.equal((await remove(guest, hers.id)).status, 404)
    assert.equal((await remove(other, id)).status, 404)
    assert.equal((await remove(guest, id)).status, 204)
    assert.deepEqual(await sentBy(guest), [])
    // It gives no place back, and its owner can have it again.
    assert.deepEqual((await linkOf(made.link.id))?.files, 1)
    assert.equal((await ann.fetch(`/api/media/${id}/restore`, { method: 'POST' })).status, 200)
  })

  test('opening the link once more goes on with the same visit', async () => {
    const made = await share(ann, album, { kind: 'drop' })
    const guest = await server.guest(made)
    const { id } = await sendPhoto(guest, `${guest.api}/media`)
    await guest.fetch(new URL(made.url).pathname)
    assert.deepEqual(await sentBy(guest), [id])
  })

  test('pages of other sites send nothing in their name', async () => {
    const guest = await server.guest(await share(ann, album, { kind: 'drop' }))
    const headers = { Origin: 'https://evil.example' }
    for (const path of ['/media', '/uploads', '/files'])
      assert.equal((await guest.fetch(guest.api + path, { method: 'POST', body: {}, headers })).status, 403)
  })

  test('a direct upload is theirs alone, and comes into the album', async () => {
    const made = await share(ann, album, { kind: 'drop', maxFiles: 1 })
    const [guest, other] = [await server.guest(made), await server.guest(made)]
    const { url } = server.family.server
    const id = await sendDirectly(guest, url)
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/complete'],
      ['POST', '/parts'],
    ] as const)
      assert.equal((await other.fetch(`${other.api}/uploads/${id}${path}`, { method })).status, 404)
    assert.equal((await guest.fetch(`${guest.api}/uploads/${id}`)).status, 200)
    const done = await complete(guest, id)
    assert.equal(done.status, 201)
    assert.deepEqual(await sentBy(guest), [((await done.json()) as Media).id])
    // Once more is the same, and takes no further place.
    assert.equal((await complete(guest, id)).status, 200)
    assert.equal((await linkOf(made.link.id))?.files, 1)
    const full = await guest.fetch(`${guest.api}/uploads`, {
      method: 'POST',
      body: { name: 'b.jpg', size: 10, type: 'image/jpeg' },
    })
    const { code, limit } = await problemOf(full)
    assert.deepEqual([full.status, code, limit], [403, 'quota_exceeded', 1])
    // What the owner has begun is nobody's to go on with.
    const { id: own } = await ann.json<UploadSession>('/api/uploads', {
      method: 'POST',
      body: { name: 'b.jpg', size: 10, type: 'image/jpeg' },
    })
    assert.equal((await guest.fetch(`${guest.api}/uploads/${own}`)).status, 404)
  })

  test('what was taken out of the album is told by no answer any more, also where an upload is asked for once more', async () => {
    const guest = await server.guest(await share(ann, album, { kind: 'drop' }))
    const upload = await sendDirectly(guest, server.family.server.url)
    const { id: sent } = (await (await complete(guest, upload)).json()) as Media
    const bytes = new Uint8Array(await photo())
    const headers = { 'Content-Type': 'image/jpeg', 'Idempotency-Key': 'once', Cookie: cookiesOf(guest) }
    const send = () =>
      fetch(`${server.family.server.url}${guest.api}/media`, { method: 'POST', headers, body: bytes })
    const answers = async () => [
      (await guest.fetch(`${guest.api}/uploads/${upload}`)).status,
      (await complete(guest, upload)).status,
      (await send()).status,
    ]
    const { media } = (await (await send()).json()) as { media: Media[] }
    assert.deepEqual(await answers(), [200, 200, 200])
    const ids = [sent, media[0]?.id]
    await ann.json(`/api/albums/${album.id}/media/remove`, { method: 'POST', body: { ids } })
    assert.deepEqual(await answers(), [404, 404, 404])
  })

  test('a link that is revoked while a file is on its way lets it in no more', async () => {
    const made = await share(ann, album, { kind: 'drop' })
    const guest = await server.guest(made)
    const id = await sendDirectly(guest, server.family.server.url)
    await ann.fetch(`/api/albums/${album.id}/links/${made.link.id}`, { method: 'DELETE' })
    const late = await complete(guest, id)
    assert.deepEqual([late.status, (await problemOf(late)).code], [410, 'gone'])
    assert.equal((await ann.json<Album>(`/api/albums/${album.id}`)).count, (await inAlbum()).length)
  })

  test('a link that is revoked while a resumable upload sends says so, and nothing of a conflict', async () => {
    const made = await share(ann, album, { kind: 'drop' })
    const guest = await server.guest(made)
    const bytes = await photo()
    const tus = { 'Tus-Resumable': '1.0.0' }
    const begun = await guest.fetch(`${guest.api}/files`, {
      method: 'POST',
      headers: { ...tus, 'Upload-Length': String(bytes.length) },
    })
    const patch = request({
      port: server.family.server.port,
      path: new URL(begun.headers.get('location') ?? '', server.family.server.url).pathname,
      method: 'PATCH',
      headers: {
        ...tus,
        'Upload-Offset': '0',
        'Content-Type': 'application/offset+octet-stream',
        'Content-Length': bytes.length,
        Cookie: cookiesOf(guest),
        Expect: '100-continue',
      },
    })
    const answered = once(patch, 'response')
    // The server takes the request by then, and has asked for the link.
    await once(patch, 'continue')
    await ann.fetch(`/api/albums/${album.id}/links/${made.link.id}`, { method: 'DELETE' })
    patch.end(bytes)
    const [answer] = (await answered) as [IncomingMessage]
    const { code } = JSON.parse(Buffer.concat(await answer.toArray()).toString())
    assert.deepEqual([answer.statusCode, code], [410, 'gone'])
  })
  const inAlbum = async () => (await ann.json<MediaPage>(`/api/albums/${album.id}/media?limit=100`)).media

  test('tus uploads go on for the visit that has begun them', async () => {
    const made = await share(ann, album, { kind: 'drop' })
    const [guest, other] = [await server.guest(made), await server.guest(made)]
    const bytes = await photo()
    const tus = { 'Tus-Resumable': '1.0.0' }
    const begin = (more: Record<string, string>) =>
      guest.fetch(`${guest.api}/files`, { method: 'POST', headers: { ...tus, ...more } })
    const begun = await begin({ 'Upload-Length': String(bytes.length) })
    assert.equal(begun.status, 201)
    const { pathname } = new URL(begun.headers.get('location') ?? '', server.family.server.url)
    assert.ok(pathname.startsWith(`${guest.api}/files/`), pathname)
    assert.equal((await other.fetch(pathname, { method: 'HEAD', headers: tus })).status, 404)
    const response = await fetch(server.family.server.url + pathname, {
      method: 'PATCH',
      headers: {
        ...tus,
        'Upload-Offset': '0',
        'Content-Type': 'application/offset+octet-stream',
        Cookie: cookiesOf(guest),
      },
      body: new Uint8Array(bytes),
    })
    assert.equal(response.status, 204)
    assert.equal((await sentBy(guest)).length, 1)
    const final = await begin({ 'Upload-Concat': `final;${pathname}` })
    // Nor is a piece taken, which could not be put together.
    const piece = await begin({ 'Upload-Concat': 'partial', 'Upload-Length': '9' })
    assert.deepEqual([final.status, piece.status], [400, 400])
  })

  test('bytes are counted, and asked for before any is sent', async () => {
    const bytes = await photo()
    const made = await share(ann, album, { kind: 'drop', maxBytes: bytes.length })
    const guest = await server.guest(made)
    assert.equal((await guest.upload(`${guest.api}/media`)).status, 201)
    const refused = await guest.upload(`${guest.api}/media`)
    assert.deepEqual([refused.status, (await problemOf(refused)).limit], [403, bytes.length])
    const other = await server.guest(await share(ann, album, { kind: 'drop', maxBytes: bytes.length }))
    const unlimited = await server.guest(await share(ann, album, { kind: 'drop' }))
    const headers = { 'Tus-Resumable': '1.0.0', 'Upload-Defer-Length': '1' }
    const begin = async ({ fetch, api }: Guest) =>
      (await fetch(`${api}/files`, { method: 'POST', headers })).status
    assert.deepEqual([await begin(other), await begin(unlimited)], [411, 201])
    assert.equal((await linkOf(made.link.id))?.bytes, bytes.length)
  })

  test('a page without JavaScript says how much may be sent, and no more', async () => {
    for (const [maxBytes, text] of [
      [1_999_999, '1 MB'],
      [5999, '5 kB'],
      [999, '999 bytes'],
    ] as const) {
      const guest = await server.guest(await share(ann, album, { kind: 'drop', maxBytes }))
      const page = await (await guest.fetch(guest.api.replace(/api$/, 'plain'))).text()
      assert.match(page, new RegExp(`at most ${text}\\.`))
    }
  })

  test('a form without JavaScript sends, shows and deletes', async () => {
    const made = await share(ann, album, { kind: 'drop', maxFiles: 1 })
    const guest = await server.guest(made)
    const page = guest.api.replace(/api$/, 'plain')
    const text = async () => (await guest.fetch(page)).text()
    assert.match(await text(), new RegExp(`<form method="post" action="${guest.api}/media"`))
    const { id } = await sendPhoto(guest, `${guest.api}/media`)
    const after = await text()
    assert.match(after, /Everything that this link takes has come/)
    assert.doesNotMatch(after, /type="file"/)
    const removal = await fetch(`${server.family.server.url}${page}/remove`, {
      method: 'POST',
      redirect: 'manual',
      headers: { Cookie: cookiesOf(guest) },
      body: new URLSearchParams({ id }),
    })
    assert.deepEqual([removal.status, removal.headers.get('location')], [303, page])
    assert.deepEqual(await sentBy(guest), [])
    // Also in a browser that sends no Referer.
    const another = await server.guest(await share(ann, album, { kind: 'drop' }))
    const form = new FormData()
    form.append('file', new Blob([new Uint8Array(await photo())]), 'a.jpg')
    const sent = await fetch(`${server.family.server.url}${another.api}/media`, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        Accept: 'text/html',
        Cookie: Array.from(another.cookies, (pair) => pair.join('=')).join('; '),
      },
      body: form,
    })
    assert.deepEqual([sent.status, sent.headers.get('location')], [303, another.api.replace(/api$/, 'plain')])
  })

  test('of many at once for one free place one comes in', () => manyForOnePlace(server, ann, album, 8))
})

test('what guests of one address send is limited, and how much its owner may have is not told', async () => {
  await using server = await startAlbums({ RATE_GUESTS: '5/60', QUOTA_MEDIA: '0' })
  const ann = await server.signedIn('Ann')
  const guest = await server.guest(await share(ann, await makeAlbum(ann, 'A'), { kind: 'drop' }))
  const body = { name: 'a.jpg', size: 10, type: 'image/jpeg' }
  const begun = await guest.fetch(`${guest.api}/uploads`, { method: 'POST', body })
  for (const full of [await guest.upload(`${guest.api}/media`), begun]) {
    const { code, detail, limit } = await problemOf(full)
    assert.deepEqual([full.status, code, limit], [403, 'quota_exceeded', undefined])
    assert.match(detail ?? '', /^There is no room left/)
  }
  const ask = async () => (await guest.fetch(`${guest.api}/uploads`, { method: 'POST', body: {} })).status
  assert.deepEqual([await ask(), await ask(), await ask(), await ask()], [400, 400, 400, 429])
})
