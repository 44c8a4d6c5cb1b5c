import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Media, MediaPage } from '@tintype/protocol'
import { clip } from '../media/containers.ts'
import {
  appleNote,
  exifOf,
  exifSegment,
  quickTimeKeys,
  type Shot,
  withIndexed,
  withSegments,
} from '../media/details.ts'
import { photo } from '../media/photos.ts'
import { mediaOf, problemOf, type SentFile, startServer, type TestServer, upload } from '../support/server.ts'

let server: TestServer
let plain: Buffer
before(async () => {
  server = await startServer()
  plain = await photo({ width: 24, height: 16 })
})
after(() => server.stop())

const shot = (about: Shot) => withSegments(plain, [exifSegment(exifOf(about))])
const api = (path: string, init?: RequestInit) => fetch(`${server.url}/api${path}`, init)
const show = async (id: string) => (await (await api(`/media/${id}`)).json()) as Media
const send = async (file: SentFile) => mediaOf(await upload(server.url, file))

async function listAll(query: string): Promise<string[]> {
  const names: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page = (await (await api(`/media?${query}${cursor && `&cursor=${cursor}`}`)).json()) as MediaPage
    names.push(...page.media.map(({ name }) => name))
    cursor = page.next
  }
  return names
}

describe('when and with what, over HTTP', () => {
  test('a photo tells both, and gets others with other bytes', async () => {
    const about = {
      original: '2024:01:31 14:25:01',
      fraction: '12',
      offset: '+09:00',
      make: 'Apple',
      model: 'iPhone',
    }
    const { id, ...media } = await send({ bytes: shot(about), name: 'IMG_20200101_000000.jpg' })
    const { takenAt, takenFrom, camera, lens } = media
    const expected = { takenAt: '2024-01-31T14:25:01.12+09:00', takenFrom: 'exif', camera: 'Apple iPhone' }
    assert.deepEqual({ takenAt, takenFrom, camera }, expected)
    assert.equal(lens, undefined)
    assert.equal((await show(id)).takenAt, takenAt)
    await upload(
      server.url,
      { bytes: plain, name: 'PXL_20240201_132501123.jpg' },
      { path: `/api/media/${id}`, method: 'PUT' },
    )
    const { camera: none, ...later } = await show(id)
    assert.deepEqual([later.takenAt, later.takenFrom, none], ['2024-02-01T13:25:01.123Z', 'name', undefined])
    await upload(server.url, { bytes: plain, name: 'a.jpg' }, { path: `/api/media/${id}`, method: 'PUT' })
    assert.equal((await show(id)).takenAt, undefined)
    await api(`/media/${id}`, { method: 'DELETE' })
  })

  test('a date that is still to come is none; the name is asked then', async () => {
    const bytes = shot({ original: '2199:01:31 14:25:01' })
    const named = await send({ bytes, name: 'IMG_20240131_142501.jpg' })
    assert.deepEqual([named.takenAt, named.takenFrom], ['2024-01-31T14:25:01', 'name'])
    const nameless = await send({ bytes, name: 'IMG_21990131_142501.jpg' })
    assert.equal(nameless.takenAt, undefined)
    for (const { id } of [named, nameless]) await api(`/media/${id}`, { method: 'DELETE' })
  })

  test('lists by that time, page by page, either way; what has none counts from when it came', async () => {
    const ids: string[] = []
    const keep = async (response: Response) => {
      const { media } = (await response.json()) as { media: Media[] }
      ids.push(...media.map(({ id }) => id))
    }
    const at = (original: string, offset?: string) => shot({ original, ...(offset ? { offset } : {}) })
    await keep(await upload(server.url, { bytes: plain, name: 'undated' }))
    await keep(await upload(server.url, { bytes: at('2024:01:31 14:25:01'), name: 'bare' }))
    await keep(await upload(server.url, { bytes: at('2024:01:31 22:00:00', '+09:00'), name: 'tokyo' }))
    const burst = ['first', 'second', 'third'].map((name) => ({ bytes: at('2023:06:01 10:00:00'), name }))
    await keep(await upload(server.url, burst))
    await keep(await upload(server.url, { bytes: at('1943:06:01 10:00:00'), name: 'scan' }))
    const expected = ['undated', 'bare', 'tokyo', 'first', 'second', 'third', 'scan']
    for (const limit of [2, 3, 50]) {
      assert.deepEqual(await listAll(`order=taken&limit=${limit}`), expected)
      assert.deepEqual(await listAll(`order=taken-oldest&limit=${limit}`), expected.toReversed())
    }
    assert.deepEqual(await listAll('order=taken&kind=video'), [])
    const { next } = (await (await api('/media?order=taken&limit=1')).json()) as MediaPage
    for (const order of ['newest', 'oldest']) {
      const refused = await api(`/media?order=${order}&cursor=${next}`)
      assert.deepEqual([refused.status, (await problemOf(refused)).code], [400, 'invalid_parameter'])
    }
    const byCreation = (await (await api('/media?limit=1')).json()) as MediaPage
    assert.equal((await api(`/media?order=taken&cursor=${byCreation.next}`)).status, 400)
    for (const id of ids) await api(`/media/${id}`, { method: 'DELETE' })
  })
})

describe('the halves of a Live Photo', () => {
  const still = (id: string) => ({
    bytes: shot({ make: 'Apple', makerNote: appleNote(id) }),
    name: 'IMG_1.jpg',
  })
  const movie = (id: string) => ({
    bytes: withIndexed(clip('clip.mov'), quickTimeKeys({ 'com.apple.quicktime.content.identifier': id })),
    name: 'IMG_1.mov',
    type: 'video/quicktime',
  })

  test('name each other, whichever came first, as long as both are there', async () => {
    for (const halves of [
      [still('live-a'), movie('live-a')],
      [movie('live-b'), still('live-b')],
    ] as const) {
      const first = await send(halves[0])
      assert.deepEqual([first.features, first.pairId], [['live-photo'], undefined])
      const second = await send(halves[1])
      assert.equal(second.pairId, first.id)
      assert.equal((await show(first.id)).pairId, second.id)
      const { media } = (await (await api('/media?limit=2')).json()) as MediaPage
      assert.deepEqual(
        media.map(({ pairId }) => pairId),
        [first.id, second.id],
      )
      await api(`/media/${second.id}`, { method: 'DELETE' })
      assert.equal((await show(first.id)).pairId, undefined)
      const again = await send(halves[1])
      assert.equal((await show(first.id)).pairId, again.id)
      await upload(
        server.url,
        { bytes: plain, name: 'a.jpg' },
        { path: `/api/media/${first.id}`, method: 'PUT' },
      )
      assert.equal((await show(again.id)).pairId, undefined)
    }
  })

  test('in one form; a second copy of one half takes nothing from the first', async () => {
    const { media } = (await (await upload(server.url, [still('live-c'), movie('live-c')])).json()) as {
      media: Media[]
    }
    assert.deepEqual(
      media.map(({ pairId }) => pairId),
      media.map(({ id }) => id).toReversed(),
    )
    const copy = await send(still('live-c'))
    assert.equal(copy.pairId, undefined)
    assert.equal((await show(media[1]?.id ?? '')).pairId, media[0]?.id)
    await api(`/media/${media[0]?.id}`, { method: 'DELETE' })
    assert.equal((await show(copy.id)).pairId, media[1]?.id)
  })
})
