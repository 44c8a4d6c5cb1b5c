import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { Album, Media, UploadSession, UploadStatus } from '@tintype/protocol'
import { loggedPath } from '../../packages/server/src/site/logged-path.ts'
import { photo } from '../media/photos.ts'
import { mediaOf, problemOf, upload } from '../support/server.ts'
import { type AlbumServer, type Browser, makeAlbum, oneServer, sendPhoto, share } from './server.ts'

type Guest = Awaited<ReturnType<AlbumServer['guest']>>

describe('between guests, and between them and the owner', () => {
  let server: AlbumServer
  let ann: Browser
  let album: Album
  before(async () => {
    server = await oneServer()
    ann = await server.signedIn('Ann')
    album = await makeAlbum(ann, 'Borders')
  })

  const headersOf = ({ cookies }: Browser) => ({
    Cookie: Array.from(cookies, (pair) => pair.join('=')).join('; '),
  })

  test('an Idempotency-Key is known to the visit that has used it', async () => {
    const made = await share(ann, album, { kind: 'drop' })
    const [guest, other] = [await server.guest(made), await server.guest(made)]
    const file = { bytes: await photo() }
    const send = async (who: Browser, path: string) => {
      const headers = { ...headersOf(who), 'Idempotency-Key': 'same' }
      return upload(server.family.server.url, file, { path, headers })
    }
    const hers = await mediaOf(await send(ann, '/api/media'))
    const first = await mediaOf(await send(guest, `${guest.api}/media`))
    const again = await send(guest, `${guest.api}/media`)
    assert.deepEqual([again.status, (await mediaOf(again)).id], [200, first.id])
    const second = await mediaOf(await send(other, `${other.api}/media`))
    assert.equal(new Set([hers.id, first.id, second.id]).size, 3)
    // What is announced is easily guessed: the session would be somebody else's, and the URL to write to as well.
    const body = { name: 'a.jpg', size: 10, type: 'image/jpeg' }
    const begin = async (who: Browser, path: string) => {
      const headers = { 'Idempotency-Key': 'same' }
      return (await who.json<UploadSession>(path, { method: 'POST', body, headers })).id
    }
    const ids = [
      ...[await begin(ann, '/api/uploads'), await begin(guest, `${guest.api}/uploads`)],
      ...[await begin(other, `${other.api}/uploads`), await begin(guest, `${guest.api}/uploads`)],
    ]
    assert.equal(new Set(ids).size, 3)
    assert.equal(ids[1], ids[3])
    const headers = { 'Idempotency-Key': 'x'.repeat(256) }
    assert.equal((await guest.fetch(`${guest.api}/uploads`, { method: 'POST', body, headers })).status, 400)
  })

  test('what the owner writes about a photo is not told to the guest who has sent it', async () => {
    const guest = await server.guest(await share(ann, album, { kind: 'drop' }))
    const bytes = await photo()
    const body = { name: 'a.jpg', size: bytes.length, type: 'image/jpeg' }
    const { id, put } = await guest.json<UploadSession>(`${guest.api}/uploads`, { method: 'POST', body })
    const url = new URL(put?.url ?? '', server.family.server.url)
    await fetch(url, { method: 'PUT', headers: put?.headers ?? {}, body: new Uint8Array(bytes) })
    const complete = () => guest.json<Media>(`${guest.api}/uploads/${id}/complete`, { method: 'POST' })
    const { id: mediaId } = await complete()
    const change = { caption: 'Never invite them again', alt: 'A drunk guest' }
    await ann.json(`/api/media/${mediaId}`, { method: 'PATCH', body: change })
    const { media } = await guest.json<UploadStatus>(`${guest.api}/uploads/${id}`)
    for (const told of [media, await complete()]) {
      assert.deepEqual([told?.id, told?.caption, told?.alt], [mediaId, null, null])
      assert.deepEqual([told?.urls.original, told?.revision], ['', 1])
      assert.notEqual(told?.urls.thumb, undefined)
    }
    const sent = await sendPhoto(guest, `${guest.api}/media`, 'From me')
    assert.deepEqual([sent.caption, sent.urls.original], [null, ''])
    assert.equal((await ann.json<Media>(`/api/media/${sent.id}`)).caption, 'From me')
  })

  test('a visit lasts as long as the link is open in that browser: an upload that has begun goes on', async () => {
    const { url, link } = await share(ann, album, { kind: 'drop' })
    const browser = server.signedOut()
    const opened = await browser.fetch(new URL(url).pathname)
    const begun = await browser.fetch(`/shared/${link.id}/api/album`)
    const ages = [opened, begun].map((answer) => {
      const [cookie = ''] = answer.headers.getSetCookie()
      return /; Max-Age=(\d+);/.exec(cookie)?.[1]
    })
    assert.equal(ages[0], String(30 * 86_400))
    assert.equal(ages[1], ages[0])
  })

  test('links end with the right of their owner to sign in', () => linksOfOneWhoIsRemoved(server))
})

/** Only their owner could end them, who can not sign in any more. */
export async function linksOfOneWhoIsRemoved(server: AlbumServer): Promise<void> {
  const [zoe, ann] = [await server.signedIn('Zoe'), await server.signedIn('Ann')]
  const open = async (owner: Browser) => {
    const made = await share(owner, await makeAlbum(owner, 'Shared'), { kind: 'drop' })
    return { made, guest: await server.guest(made) }
  }
  const [hers, anns] = [await open(zoe), await open(ann)]
  const statusOf = async ({ guest }: { guest: Guest }) => (await guest.fetch(`${guest.api}/album`)).status
  assert.deepEqual([await statusOf(hers), await statusOf(anns)], [200, 200])
  await server.family.people.remove('Zoe')
  assert.deepEqual([await statusOf(hers), await statusOf(anns)], [410, 200])
  const sent = await hers.guest.upload(`${hers.guest.api}/media`)
  assert.deepEqual([sent.status, (await problemOf(sent)).code], [410, 'gone'])
  assert.equal((await server.signedOut().fetch(new URL(hers.made.url).pathname)).status, 410)
  await server.family.people.add('Zoe')
  assert.equal(await statusOf(hers), 410)
}

test('what is written down of addresses holds no link that lets its holder in', () => {
  for (const path of [
    '/s/TOKEN',
    '/S/TOKEN/',
    '//s/TOKEN',
    '/photos/s/TOKEN',
    '/s%2FTOKEN',
    '/s//TOKEN',
    '/a/invite/TOKEN/x',
  ])
    assert.doesNotMatch(loggedPath(path), /TOKEN/, path)
  assert.equal(loggedPath('/s/TOKEN/x'), '/s/…/x')
  for (const path of ['/shared/ID/api/media', '/api/albums/ID/links', '/assets/s.js'])
    assert.equal(loggedPath(path), path)
})
