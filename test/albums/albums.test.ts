import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Album, Albums, MediaPage, Timeline } from '@tintype/protocol'
import { createGuestRecords } from '../../packages/server/src/records/guest-records.ts'
import { createDatabase, skipWithoutPostgres } from '../support/postgres.ts'
import { problemOf } from '../support/server.ts'
import { linksOfOneWhoIsRemoved } from './borders.ts'
import './drops.ts'
import './guests.ts'
import {
  type AlbumServer,
  type Browser,
  makeAlbum,
  oneServer,
  sendPhoto,
  startAlbums,
  stopServer,
} from './server.ts'

const undo = { UNDO_WINDOW: '3600' }

after(stopServer)

describe('albums of an owner', () => {
  let server: AlbumServer
  let ann: Browser
  let bob: Browser
  before(async () => {
    server = await oneServer()
    ann = await server.signedIn('Ann')
    bob = await server.signedIn('Bob')
  })

  test('are made, named, filled, emptied and deleted, and the photos stay', () => albumsOf(ann))

  test('are nobody else’s, and hold nobody else’s photos', async () => {
    const [hers, his] = [await sendPhoto(ann), await sendPhoto(bob)]
    const album = await makeAlbum(ann, 'Hers', [hers.id])
    const path = `/api/albums/${album.id}`
    const asked: [string, string?, unknown?][] = [
      [path],
      [path, 'PATCH', { name: 'His' }],
      [path, 'DELETE'],
      [`${path}/media`],
      [`${path}/timeline`],
      [`${path}/media`, 'POST', { ids: [his.id] }],
      [`${path}/media/remove`, 'POST', { ids: [hers.id] }],
      [`${path}/links`],
      [`${path}/links`, 'POST', { kind: 'view' }],
    ]
    for (const [at, method, body] of asked) {
      const what = `${method ?? 'GET'} ${at}`
      assert.equal((await bob.fetch(at, { ...(method && { method }), body })).status, 404, what)
      const other = await server.signedOut().fetch(at, { ...(method && { method }), body })
      assert.equal(other.status, 401, what)
    }
    const both = await ann.fetch(`${path}/media`, { method: 'POST', body: { ids: [hers.id, his.id] } })
    assert.equal(both.status, 404)
    const made = await ann.fetch('/api/albums', { method: 'POST', body: { name: 'x', mediaIds: [his.id] } })
    assert.equal(made.status, 404)
    const { albums } = await ann.json<Albums>('/api/albums')
    assert.ok(!albums.some(({ name }) => name === 'x'), 'nothing was made by halves')
    assert.deepEqual((await ann.json<Album>(path)).count, 1)
    assert.deepEqual(await bob.json('/api/albums'), { albums: [] })
  })

  test('lose what is removed, and have it again when it is restored', async () => {
    const [one, two] = [await sendPhoto(ann), await sendPhoto(ann)]
    const { id } = await makeAlbum(ann, 'Removed', [one.id, two.id])
    const show = () => ann.json<Album>(`/api/albums/${id}`)
    await ann.fetch(`/api/media/${two.id}`, { method: 'DELETE' })
    assert.deepEqual([(await show()).count, (await show()).coverId], [1, one.id])
    const { db } = server.family.database
    const { forgetGone } = createGuestRecords(db)
    await forgetGone()
    await ann.fetch(`/api/media/${two.id}/restore`, { method: 'POST' })
    assert.equal((await show()).count, 2)
    // What is deleted for good leaves its place in the album to a round that comes later.
    await ann.fetch(`/api/media/${two.id}?final=1`, { method: 'DELETE' })
    const places = () => db.selectFrom('album_item').select('media_id').where('album_id', '=', id).execute()
    assert.equal((await places()).length, 2)
    await forgetGone()
    assert.deepEqual(await places(), [{ media_id: one.id }])
  })

  test('say what is wrong with what they are asked', async () => {
    const { id } = await makeAlbum(ann, '  A  trip ')
    const refused = async (path: string, method: string, body: unknown, headers = {}) => {
      const response = await ann.fetch(path, { method, body, headers })
      return [response.status, (await problemOf(response)).code]
    }
    for (const name of ['', ' ', 'x'.repeat(101), 'a\u0000b', 'a\u202eb', '\u200d', '\ud800', 7, undefined])
      assert.deepEqual(await refused('/api/albums', 'POST', { name }), [400, 'invalid_parameter'])
    // Emoji and Persian words have joiners in them, which nobody sees either.
    for (const name of ['👨‍👩‍👧 Family', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', 'می‌خواهم'])
      assert.equal((await makeAlbum(ann, name)).name, name)
    assert.deepEqual(await refused('/api/albums', 'POST', { name: 'x', mediaids: [] }), [
      400,
      'invalid_parameter',
    ])
    for (const ids of ['x', [7], undefined, Array(1001).fill('x')])
      assert.deepEqual(await refused(`/api/albums/${id}/media`, 'POST', { ids }), [400, 'invalid_parameter'])
    assert.deepEqual(await refused(`/api/albums/${id}/media`, 'POST', { ids: ["'; drop"] }), [
      404,
      'not_found',
    ])
    const evil = { Origin: 'https://evil.example' }
    assert.deepEqual(await refused('/api/albums', 'POST', { name: 'x' }, evil), [403, 'cross_site'])
    assert.equal((await ann.fetch(`/api/albums/${id}/media?limit=0`)).status, 400)
    assert.equal((await ann.fetch(`/api/albums/${id}/media?cursor=x`)).status, 400)
    assert.equal((await ann.fetch(`/api/albums/${id}`, { method: 'PUT' })).status, 405)
    assert.equal((await ann.json<Album>(`/api/albums/${id}`)).name, 'A trip')
  })
})

async function albumsOf(ann: Browser): Promise<void> {
  const photos = [await sendPhoto(ann), await sendPhoto(ann), await sendPhoto(ann)]
  const [first = '', second = '', third = ''] = photos.map(({ id }) => id)
  const made = await makeAlbum(ann, 'Lisbon', [first])
  assert.deepEqual([made.name, made.count, made.coverId], ['Lisbon', 1, first])
  const path = `/api/albums/${made.id}`
  const post = (at: string, ids: string[]) => ann.json<Album>(path + at, { method: 'POST', body: { ids } })
  // What is there already makes no difference.
  assert.equal((await post('/media', [first, second, third, third])).count, 3)

  const pages: string[] = []
  let query = '?order=taken&limit=2'
  for (;;) {
    const { media, next } = await ann.json<MediaPage>(`${path}/media${query}`)
    pages.push(...media.map(({ id }) => id))
    if (next === null) break
    query = `?order=taken&limit=2&cursor=${next}`
  }
  const listed = await ann.json<MediaPage>('/api/media?order=taken')
  const own = listed.media.map(({ id }) => id).filter((id) => [first, second, third].includes(id))
  assert.deepEqual(pages, own)
  const { total, pages: outline } = await ann.json<Timeline>(`${path}/timeline?zone=Europe/Berlin`)
  assert.deepEqual([total, outline[0]?.cursor, outline[0]?.ratios.length], [3, null, 3])

  assert.equal((await post('/media/remove', [second])).count, 2)
  const renamed = await ann.json<Album>(path, { method: 'PATCH', body: { name: 'Porto' } })
  assert.deepEqual([renamed.name, renamed.count], ['Porto', 2])
  assert.ok((await ann.json<Albums>('/api/albums')).albums.some(({ id }) => id === made.id))
  assert.equal((await ann.fetch(path, { method: 'DELETE' })).status, 204)
  assert.equal((await ann.fetch(path)).status, 404)
  assert.equal((await ann.fetch(`/api/media/${first}`)).status, 200)
}

test('albums on Postgres', { skip: skipWithoutPostgres }, async () => {
  const { url, drop } = await createDatabase()
  try {
    await using server = await startAlbums({ ...undo, DATABASE_URL: url })
    await albumsOf(await server.signedIn('Ann'))
    await linksOfOneWhoIsRemoved(server)
  } finally {
    await drop()
  }
})
