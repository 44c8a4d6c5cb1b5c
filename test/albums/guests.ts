import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { Album, Media, MediaPage, SharedAlbum, ShareLinks } from '@tintype/protocol'
import { exifOf, exifSegment, withSegments } from '../media/details.ts'
import { photo } from '../media/photos.ts'
import { problemOf } from '../support/server.ts'
import { type AlbumServer, type Browser, makeAlbum, oneServer, sendPhoto, share } from './server.ts'

describe('guests of a link that shows an album', () => {
  let server: AlbumServer
  let ann: Browser
  let shown: Media
  let other: Media
  let album: Album
  before(async () => {
    server = await oneServer()
    ann = await server.signedIn('Ann')
    const about = { original: '2024:01:31 14:25:01', make: 'Apple', model: 'iPhone' }
    const bytes = withSegments(await photo(), [exifSegment(exifOf(about))])
    const sent = await ann.upload('/api/media', { bytes, caption: 'Only mine' })
    ;[shown] = ((await sent.json()) as { media: [Media] }).media
    other = await sendPhoto(ann)
    album = await makeAlbum(ann, 'Lisbon', [shown.id])
  })

  test('a link leads to an address without its token, and opening it uses nothing up', async () => {
    const made = await share(ann, album, { kind: 'view' })
    const path = new URL(made.url).pathname
    for (let n = 0; n < 3; n++) {
      const opened = await server.signedOut().fetch(path)
      assert.deepEqual([opened.status, opened.headers.get('location')], [303, `/shared/${made.link.id}`])
      const [cookie = ''] = opened.headers.getSetCookie()
      const where = new RegExp(`; Path=/shared/${made.link.id}; HttpOnly; SameSite=Lax$`)
      assert.match(cookie, where)
    }
    const listed = await ann.fetch(`/api/albums/${album.id}/links`)
    const token = path.slice('/s/'.length)
    assert.doesNotMatch(await listed.text(), new RegExp(token))
    assert.ok(!server.family.server.log.some((line) => line.includes(token)), 'the log holds no token')
  })

  test('they see the album, and of its photos what is for others', async () => {
    const guest = await server.guest(await share(ann, album, { kind: 'view' }))
    const { name, kind, count } = await guest.json<SharedAlbum>(`${guest.api}/album`)
    assert.deepEqual([name, kind, count], ['Lisbon', 'view', 1])
    const version = async () => (await guest.json<SharedAlbum>(`${guest.api}/album`)).version
    const before = await version()
    assert.match(before, /^[0-9a-f]{16}$/)
    assert.equal(await version(), before)
    const { media } = await guest.json<MediaPage>(`${guest.api}/media?order=taken`)
    const [only] = media
    assert.deepEqual([media.length, only?.id, only?.takenAt], [1, shown.id, '2024-01-31T14:25:01'])
    assert.deepEqual([shown.camera, shown.caption], ['Apple iPhone', 'Only mine'])
    assert.deepEqual(
      [only?.camera, only?.caption, only?.data, only?.urls.original],
      [undefined, null, null, ''],
    )
    assert.deepEqual(await guest.json(`${guest.api}/media/${shown.id}`), only)
    assert.equal((await guest.json<{ total: number }>(`${guest.api}/timeline`)).total, 1)
    // What is found would say what the captions say.
    assert.equal((await guest.fetch(`${guest.api}/media?q=mine`)).status, 400)
    assert.equal((await guest.fetch(`${guest.api}/timeline?q=mine`)).status, 400)
    for (const name of ['thumb', 'image?w=160']) {
      const picture = await guest.fetch(`${guest.api}/media/${shown.id}/${name}`)
      assert.equal(picture.status, 302, name)
      const url = new URL(picture.headers.get('location') ?? '', server.family.server.url)
      assert.equal((await fetch(url)).status, 200, name)
      assert.equal((await guest.fetch(`${guest.api}/media/${other.id}/${name}`)).status, 404, name)
    }
    assert.equal((await guest.fetch(`${guest.api}/media/${shown.id}/original`)).status, 404)
    assert.equal((await guest.fetch(`${guest.api}/media/${other.id}`)).status, 404)
  })

  test('its version is another one when a photo is restored as another one goes', async () => {
    const [first, second] = [await sendPhoto(ann), await sendPhoto(ann)]
    const guest = await server.guest(
      await share(ann, await makeAlbum(ann, 'Porto', [first.id, second.id]), { kind: 'view' }),
    )
    const remove = ({ id }: Media) => ann.fetch(`/api/media/${id}`, { method: 'DELETE' })
    const seen = async () => {
      const { count, version } = await guest.json<SharedAlbum>(`${guest.api}/album`)
      return { count, version }
    }
    await remove(second)
    await ann.fetch(`/api/media/${first.id}`, { method: 'PATCH', body: { caption: 'On the bridge' } })
    const before = await seen()
    await remove(first)
    await ann.fetch(`/api/media/${second.id}/restore`, { method: 'POST' })
    const after = await seen()
    assert.equal(after.count, before.count)
    assert.notEqual(after.version, before.version)
  })

  test('originals and captions are shown where the link says so, until it is narrowed', async () => {
    const made = await share(ann, album, { kind: 'view', original: true, captions: true })
    const guest = await server.guest(made)
    const show = () => guest.json<Media>(`${guest.api}/media/${shown.id}`)
    const before = await show()
    assert.equal(before.caption, 'Only mine')
    assert.notEqual(before.urls.original, '')
    assert.equal((await guest.fetch(`${guest.api}/media/${shown.id}/original?download`)).status, 302)
    assert.equal((await guest.fetch(`${guest.api}/media?q=mine`)).status, 200)
    const at = `/api/albums/${album.id}/links/${made.link.id}`
    const narrowed = await ann.fetch(at, { method: 'PATCH', body: { original: false, captions: false } })
    assert.equal(narrowed.status, 200)
    const after = await show()
    assert.deepEqual([after.caption, after.urls.original], [null, ''])
    assert.equal((await guest.fetch(`${guest.api}/media/${shown.id}/original`)).status, 404)
  })

  test('nothing else is there for them, whatever they write into the address', async () => {
    const guest = await server.guest(await share(ann, album, { kind: 'view', original: true }))
    const paths = ['/usage', '/events', '/uploads', '/files', '/openapi.json', '/albums', '/media/delete/x/y']
    const tricks = [
      ...['/../../../api/media', '/..%2f..%2f..%2fapi/media', '/%2e%2e/%2e%2e/media', '//api/media'],
      ...[`/media/..%2f${other.id}`, `/media/${other.id}%00`, `/media/%2e%2e/${other.id}/original`],
      ...[`/media/${shown.id}/..%2f${other.id}`, `/media/${other.id}/image/../../${shown.id}`],
    ]
    for (const path of [...paths, ...tricks]) {
      const status = await guest.statusOf(guest.api + path)
      assert.ok([400, 404].includes(status), `${path}: ${status}`)
    }
    for (const [method, path] of [
      ['POST', '/media'],
      ['POST', '/uploads'],
      ['PATCH', `/media/${shown.id}`],
      ['PUT', `/media/${shown.id}`],
      ['DELETE', `/media/${shown.id}`],
      ['POST', '/media/delete'],
    ] as const) {
      const response = await guest.fetch(guest.api + path, { method, body: { ids: [shown.id] } })
      assert.ok([404, 405].includes(response.status), `${method} ${path}: ${response.status}`)
    }
    // Nor by the owner's own routes.
    for (const path of ['/api/media', '/api/albums', '/metrics', '/debug'])
      assert.equal((await guest.fetch(path)).status, 401, path)
    assert.equal((await ann.fetch(`/api/media/${shown.id}`)).status, 200)
  })

  test('without the cookie the id of a link opens nothing, and a made-up cookie neither', async () => {
    const made = await share(ann, album, { kind: 'view' })
    const nobody = server.signedOut()
    const api = `/shared/${made.link.id}/api`
    const unknown = await nobody.fetch(`${api}/album`)
    assert.equal(unknown.status, 401)
    assert.match((await problemOf(unknown)).detail ?? '', /cookies/)
    const guest = await server.guest(await share(ann, album, { kind: 'view' }))
    const token = guest.cookies.get('tintype_guest') ?? ''
    const forged = [made.link.id, album.id, 'AAAAAAAAAAAAAAAAAAAAAA', 'x', token.slice(1), `${token}A`, token]
    for (const one of forged) {
      const response = await nobody.fetch(`${api}/album`, { headers: { Cookie: `tintype_guest=${one}` } })
      assert.ok([401, 410].includes(response.status), `${one}: ${response.status}`)
    }
    assert.equal((await nobody.fetch(`/s/${made.link.id}`)).status, 410)
    assert.equal((await nobody.fetch('/s/x')).status, 410)
  })

  test('a link that was revoked, or whose album is deleted, has ended for all who have opened it', async () => {
    const again = await makeAlbum(ann, 'Again', [shown.id])
    const made = await share(ann, again, { kind: 'view' })
    const guest = await server.guest(made)
    const second = await server.guest(await share(ann, again, { kind: 'view' }))
    const at = `/api/albums/${again.id}/links/${made.link.id}`
    assert.equal((await ann.fetch(at, { method: 'DELETE' })).status, 204)
    assert.equal((await ann.fetch(at, { method: 'DELETE' })).status, 404)
    assert.deepEqual((await problemOf(await guest.fetch(`${guest.api}/media`))).code, 'gone')
    assert.equal((await guest.fetch(`${guest.api}/media/${shown.id}/thumb`)).status, 410)
    assert.equal((await server.signedOut().fetch(new URL(made.url).pathname)).status, 410)
    assert.equal((await ann.json<ShareLinks>(`/api/albums/${again.id}/links`)).links.length, 1)
    await ann.fetch(`/api/albums/${again.id}`, { method: 'DELETE' })
    assert.equal((await second.fetch(`${second.api}/album`)).status, 410)
  })

  test('a link is never widened, and what it is asked for wrongly is said', async () => {
    const { link } = await share(ann, album, { kind: 'drop', expiresIn: 60, maxFiles: 3, maxBytes: 1000 })
    const at = `/api/albums/${album.id}/links/${link.id}`
    const patch = async (body: unknown) => (await ann.fetch(at, { method: 'PATCH', body })).status
    assert.equal(await patch({ maxFiles: 2, maxBytes: 900, expiresIn: 30 }), 200)
    const wider = [
      { maxFiles: 3 },
      { maxBytes: 901 },
      { expiresIn: 60 },
      { maxFiles: 1, maxBytes: 901 },
      { original: true },
    ]
    for (const body of wider) assert.equal(await patch(body), 409, JSON.stringify(body))
    for (const body of [{ maxFiles: null }, { maxFiles: 0 }, { expiresIn: 1.5 }, { kind: 'view' }, { x: 1 }])
      assert.equal(await patch(body), 400, JSON.stringify(body))
    const { links } = await ann.json<ShareLinks>(`/api/albums/${album.id}/links`)
    const now = links.find(({ id }) => id === link.id)
    assert.deepEqual([now?.maxFiles, now?.maxBytes], [2, 900])
    for (const body of [
      ...[{}, { kind: 'all' }, { kind: 'view', maxFiles: 1 }, { kind: 'drop', original: true }],
      ...[
        { kind: 'drop', maxfiles: 1 },
        { kind: 'view', expiresIn: 1e12 },
        { kind: 'view', original: 'no' },
      ],
    ]) {
      const made = await ann.fetch(`/api/albums/${album.id}/links`, { method: 'POST', body })
      assert.equal(made.status, 400, JSON.stringify(body))
    }
  })

  test('the page without JavaScript shows the album, its name as text', async () => {
    const evil = await makeAlbum(ann, '<img src=x onerror=alert(1)>', [shown.id])
    const guest = await server.guest(await share(ann, evil, { kind: 'view' }))
    const plain = await guest.fetch(guest.api.replace(/api$/, 'plain'))
    const text = await plain.text()
    assert.equal(plain.status, 200)
    assert.match(text, /<h1>&#60;img src=x/)
    assert.match(text, new RegExp(`${guest.api}/media/${shown.id}/image`))
    assert.doesNotMatch(text, /Only mine/)
    assert.equal((await server.signedOut().fetch(guest.api.replace(/api$/, 'plain'))).status, 401)
    const hers = await ann.fetch(`/plain/albums/${evil.id}`)
    assert.match(await hers.text(), /Only mine/)
    assert.match(await (await ann.fetch('/plain/albums')).text(), new RegExp(`/plain/albums/${evil.id}`))
  })
})
