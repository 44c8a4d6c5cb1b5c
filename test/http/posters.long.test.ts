import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import sharp from 'sharp'
import { coloured, patches, withoutPictures } from '../media/colours.ts'
import { clip, renamed } from '../media/containers.ts'
import { largeVideo } from '../media/videos.ts'
import { begin, complete, send } from '../support/direct.ts'
import { mediaOf, startServer, type TestServer, upload } from '../support/server.ts'

let server: TestServer
before(async () => {
  server = await startServer()
})
after(() => server.stop())

/** The video sent by a form, which is kept in memory where it is small. */
const byForm = async (bytes: Uint8Array) => mediaOf(await upload(server.url, { bytes, name: 'clip.mov' }))

/** The video sent to the storage. */
async function direct(bytes: Uint8Array): Promise<Media> {
  const session = await begin(server.url, bytes, { name: 'clip.mov', type: 'video/quicktime' })
  assert.ok('put' in session)
  assert.equal((await send(session.put, bytes)).status, 200)
  const answer = await complete(server.url, session)
  assert.equal(answer.status, 201)
  return (await answer.json()) as Media
}

/** Its pixels, red on the left and pink on the right. */
async function checkPicture(url: string | undefined, width: number, height: number): Promise<void> {
  assert.ok(url)
  const answer = await fetch(url)
  assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'image/webp'])
  const { data, info } = await sharp(Buffer.from(await answer.arrayBuffer()))
    .raw()
    .toBuffer({ resolveWithObject: true })
  assert.deepEqual([info.width, info.height], [width, height])
  for (const [index, right] of patches.entries()) {
    const at = (Math.floor(height / 2) * width + Math.floor((width * (index * 2 + 1)) / 4)) * info.channels
    for (const [i, value] of right.entries()) assert.ok(Math.abs((data[at + i] ?? 0) - value) <= 6)
  }
}

describe('a video has a poster, a thumb and a placeholder when its upload answers', () => {
  test('sent by a form: HEVC in ten bits and HLG, as phones film', async () => {
    const { urls, placeholder, width, height } = await byForm(coloured('hlg.mov'))
    await checkPicture(urls.poster, width, height)
    await checkPicture(urls.thumb, width, height)
    assert.match(placeholder ?? '', /^data:image\/webp;base64,/)
  })

  test('sent to the storage', async () => {
    const { urls, width, height } = await direct(coloured('hevc.mov'))
    await checkPicture(urls.poster, width, height)
    await checkPicture(urls.thumb, width, height)
  })

  test('too large for memory, with its index at the end', async () => {
    const video = await largeVideo(20 * 1024 * 1024, { index: 'last' })
    const { urls } = await byForm(video)
    assert.deepEqual(Object.keys(urls), ['original', 'poster', 'thumb'])
  })

  test('replaced, it has those of the new one', async () => {
    const { id, urls } = await byForm(clip('index-first.mp4'))
    const answer = await upload(
      server.url,
      { bytes: coloured('bt709.mp4') },
      { path: `/api/media/${id}`, method: 'PUT' },
    )
    const replaced = (await answer.json()) as Media
    assert.notEqual(replaced.urls.poster, urls.poster)
    await checkPicture(replaced.urls.poster, 96, 64)
  })
})

describe('QuickTime as cameras write it has one, too, by each way in', () => {
  const movie = coloured('hevc.mov')
  const odd: [name: string, bytes: Buffer][] = [
    ...['wide', 'skip', 'free', 'pnot'].map((type): [string, Buffer] => [
      `${type} first`,
      renamed(movie, 'ftyp', type),
    ]),
    ['bytes behind the last box', Buffer.concat([movie, Buffer.from('APPENDED-BY-CAMERA-0001')])],
    ['zeros behind the last box', Buffer.concat([movie, Buffer.alloc(3)])],
  ]
  for (const [name, bytes] of odd) {
    test(name, async () => {
      for (const { type, urls } of [await byForm(bytes), await direct(bytes)]) {
        assert.equal(type, 'video/quicktime')
        await checkPicture(urls.poster, 96, 64)
      }
    })
  }
})

describe('what goes wrong with a poster costs the poster', () => {
  test('a video whose frames are damaged is taken without one, as its index is whole', async () => {
    const bytes = withoutPictures(coloured('bt709.mp4'))
    const { urls, placeholder } = await byForm(bytes)
    assert.deepEqual([Object.keys(urls), placeholder], [['original'], null])
  })
})
