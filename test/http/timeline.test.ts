import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { MediaPage, Timeline } from '@tintype/protocol'
import { exifOf, exifSegment, withSegments } from '../media/details.ts'
import { photo } from '../media/photos.ts'
import { mediaOf, startServer, type TestServer, upload } from '../support/server.ts'

let server: TestServer
before(async () => {
  server = await startServer()
  const plain = await photo({ width: 24, height: 16 })
  const shot = (original: string, offset?: { offset: string }) =>
    withSegments(plain, [exifSegment(exifOf({ original, ...offset }))])
  const send = async (name: string, bytes: Uint8Array, options = {}) =>
    mediaOf(await upload(server.url, { name, bytes }, options))
  // 23:30 in New York is 04:30 of the next day in UTC.
  await send('new-york.jpg', shot('2024:05:01 23:30:00', { offset: '-05:00' }), {
    caption: 'A 100% sunny day in ÖSTERREICH',
  })
  await send('lisbon.jpg', shot('2024:05:01 12:00:00'))
  await send('tall.jpg', await photo({ width: 16, height: 24 }))
})
after(() => server.stop())

const get = async (path: string, language = 'en') => {
  const response = await fetch(`${server.url}/api${path}`, { headers: { 'Accept-Language': language } })
  return { status: response.status, body: await response.json() }
}
const names = async (q: string, language = 'en') =>
  ((await get(`/media?q=${encodeURIComponent(q)}`, language)).body as MediaPage).media.map(({ name }) => name)

describe('a page that shows all photos by day', () => {
  test('learns where each stands, and on which day it was taken there', async () => {
    const { total, pages } = (await get('/timeline?zone=Europe/Berlin')).body as Timeline
    assert.equal(total, 3)
    const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(new Date())
    assert.deepEqual(
      pages.flatMap(({ days }) => days),
      [
        { date: today, count: 1 },
        { date: '2024-05-01', count: 2 },
      ],
    )
    assert.deepEqual(
      pages.flatMap(({ ratios }) => ratios),
      [67, 150, 150],
    )
    assert.equal(pages[0]?.cursor, null)
  })

  test('finds by words in names and captions, in any order, whatever their capitals; signs mean themselves', async () => {
    assert.deepEqual(await names('lisb'), ['lisbon.jpg'])
    assert.deepEqual(await names('österreich SUNNY'), ['new-york.jpg'])
    assert.deepEqual(await names('100%'), ['new-york.jpg'])
    assert.deepEqual(await names('1_0'), [])
    assert.deepEqual(await names('lisbon sunny'), [])
    assert.equal((await names('  ')).length, 3)
    const { total, pages } = (await get('/timeline?q=sunny')).body as Timeline
    assert.deepEqual([total, pages[0]?.days], [1, [{ date: '2024-05-01', count: 1 }]])
  })

  test('finds what was taken in a year, a month or on a day, in the language of the browser', async () => {
    const both = ['lisbon.jpg', 'new-york.jpg']
    for (const q of ['2024', '2024-05', 'may 2024', '1 May 2024', '2024-05-01'])
      assert.deepEqual((await names(q)).sort(), both, q)
    assert.deepEqual(await names('lisbon may 2024'), ['lisbon.jpg'])
    assert.deepEqual(await names('2024-05-02'), [])
    assert.deepEqual((await names('mai 2024', 'nonsense here;q=x, de-AT,de;q=0.8,*;q=0.1')).sort(), both)
    assert.deepEqual(await names('mai 2024', 'ja'), [])
    const { total } = (await get('/timeline?q=2024&zone=Europe/Berlin')).body as Timeline
    assert.equal(total, 2)
  })

  test('is told what makes no sense', async () => {
    for (const path of [
      '/timeline?zone=Atlantis',
      '/timeline?q=a&q=b',
      '/media?q=2024&zone=Atlantis',
      '/media?zone=UTC&zone=UTC',
      '/timeline?q=%00',
      '/media?q=a%00',
      `/media?q=${'a'.repeat(201)}`,
    ]) {
      const { status, body } = await get(path)
      assert.deepEqual([status, body.code], [400, 'invalid_parameter'], path)
    }
  })

  test('has an address for each photo, and for what was deleted', async () => {
    for (const path of ['/photo/AAAAAAAAAAAAAAAAAAAAAA', '/removed']) {
      const response = await fetch(server.url + path)
      assert.equal(response.status, 200)
      assert.match(await response.text(), /src="\/assets\/[^"]+\.js"/)
      assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/)
    }
    assert.equal((await fetch(`${server.url}/photo/a/b`)).status, 404)
  })
})
