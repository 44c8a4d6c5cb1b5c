import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { begin, complete, send } from '../support/direct.ts'
import { mediaOf, startServer, type TestServer, upload } from '../support/server.ts'

/** N1 to N9: what a file is called decides nothing and breaks nothing. */
describe('hostile names', () => {
  let server: TestServer
  let jpeg: Buffer
  before(async () => {
    server = await startServer()
    jpeg = await photo()
  })
  after(() => server.stop())

  const names: [sent: string, shown: string | RegExp][] = [
    ['../../x.jpg', 'x.jpg'],
    ['..\\x.jpg', 'x.jpg'],
    ['%2e%2e%2fx.jpg', '%2e%2e%2fx.jpg'],
    ['🐧 é e\u0301.jpg', '🐧 é e\u0301.jpg'],
    [`${'x'.repeat(1000)}.jpg`, /^x{196}\.jpg$/],
    ['CON.jpg', '_CON.jpg'],
    ['.', 'photo.jpg'],
    ['\u200b\u2060.heic', 'photo.jpg'],
    ['می‌خواهم 👨‍👩‍👧.jpg', 'می‌خواهم 👨‍👩‍👧.jpg'],
    ['5" print.jpg', '5" print.jpg'],
    ['<img onerror=alert(1)>.jpg', '<img onerror=alert(1)>.jpg'],
    ['a%0d%0aSet-Cookie:x%22.jpg', /^a.*Set-Cookie:x/],
  ]
  for (const [sent, shown] of names) {
    test(`N1 to N6 the name ${JSON.stringify(sent.slice(0, 30))} does no harm`, async () => {
      const one = await mediaOf(await upload(server.url, { bytes: jpeg, name: sent }))
      if (typeof shown === 'string') assert.equal(one.name, shown)
      else assert.match(one.name, shown)
      assert.doesNotMatch(one.name, /[\r\n\0]/)
      const served = await fetch(one.urls.original)
      assert.equal(served.status, 200)
      assert.equal(served.headers.get('set-cookie'), null)
      assert.match(
        served.headers.get('content-disposition') ?? '',
        /^inline; filename="[^"\\]*"; filename\*=UTF-8''/,
      )
      assert.doesNotMatch(await (await fetch(`${server.url}/plain`)).text(), /<img onerror/)
    })
  }

  for (const [sent, shown, saved] of [
    ['IMG_3630.HEIC', 'IMG_3630.HEIC', 'IMG_3630.jpg'],
    ['page.html', 'page.html', 'page.html.jpg'],
    ['a%22b.jpeg', 'a%22b.jpeg', 'a_22b.jpeg'],
    ['\u200b', 'photo.jpg', 'photo.jpg'],
  ] as const) {
    test(`${JSON.stringify(sent)}, sent directly, is shown as ${shown} and saved as ${saved}`, async () => {
      const session = await begin(server.url, jpeg, { name: sent, type: '' })
      assert.equal(session.put && (await send(session.put, jpeg)).status, 200)
      const media = (await (await complete(server.url, session)).json()) as Media
      assert.equal(media.name, shown)
      const names = async (url: string) => (await fetch(url)).headers.get('content-disposition')
      const download = `${server.url}/api/media/${media.id}/original?download`
      assert.ok((await names(download))?.startsWith(`attachment; filename="${saved}"`))
      const thumb = saved.replace(/jpe?g$/, 'webp')
      assert.ok((await names(media.urls.thumb ?? ''))?.startsWith(`inline; filename="${thumb}"`))
    })
  }
})
