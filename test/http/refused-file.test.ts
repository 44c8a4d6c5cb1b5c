import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { MediaPage } from '@tintype/protocol'
import { photo, pixelFlood } from '../media/photos.ts'
import { problemOf, type SentFile, startServer, type TestServer, upload } from '../support/server.ts'

/** A form of several files is stored as a whole or not at all: what was wrong with which one? */
describe('a form with a file that is refused', () => {
  let server: TestServer
  let jpeg: Buffer
  before(async () => {
    server = await startServer({ MAX_PHOTO_BYTES: '200kB' })
    jpeg = await photo()
  })
  after(() => server.stop())

  const send = (bytes: Uint8Array, name: string, headers = {}) => {
    const sound: SentFile = { bytes: jpeg, name: 'sound.jpg' }
    return upload(server.url, [sound, sound, { bytes, name }, sound], { headers })
  }
  const refused: [what: string, bytes: () => Promise<Uint8Array>, status: number][] = [
    ['of another type', async () => Buffer.from('<html>'.repeat(1000)), 415],
    ['too large', async () => Buffer.concat([jpeg, Buffer.alloc(200 * 1024)]), 413],
    ['empty', async () => Buffer.alloc(0), 400],
    ['cut in half', async () => jpeg.subarray(0, jpeg.length / 2), 422],
    ['of too many pixels', async () => pixelFlood(), 422],
  ]
  for (const [what, bytes, status] of refused) {
    test(`${what} is told its place and its name, and nothing is stored`, async () => {
      const response = await send(await bytes(), '../my \u202e"dear" 🐧.heic')
      const { index, name, code } = await problemOf(response)
      assert.deepEqual([response.status, index, name], [status, 2, 'my "dear" 🐧.heic'], code)
      const { media } = (await (await fetch(`${server.url}/api/media`)).json()) as MediaPage
      assert.deepEqual(media, [])
    })
  }

  test('is told its place alone where it has no name', async () => {
    const problem = await problemOf(await send(Buffer.from('<html>'), '\u200b.jpg'))
    assert.deepEqual([problem.index, 'name' in problem], [2, false])
  })

  test('is told on the page for browsers without JavaScript, with what to do', async () => {
    const html = await (await send(Buffer.from('<html>'), '<b>.pdf', { Accept: 'text/html' })).text()
    assert.match(html, /<p>&#60;b&#62;\.pdf \(file 3 of the form\):<\/p>/)
    assert.match(
      html,
      /Nothing of this form has been saved\. Go back and choose the files again, without this one\./,
    )
    const form = await (
      await upload(server.url, [], { caption: 'x', headers: { Accept: 'text/html' } })
    ).text()
    assert.doesNotMatch(form, /of the form/)
  })
})
