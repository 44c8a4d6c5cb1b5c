import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { sizes, srcset } from '@tintype/client/images'
import type { Media } from '@tintype/protocol'
import sharp from 'sharp'
import { systemClock } from '../../packages/tintype/src/clock.ts'
import { animation, photo } from '../media/photos.ts'
import { databases } from '../support/app-database.ts'
import { headerOf } from '../support/door.ts'
import { mediaOf, problemOf, upload } from '../support/server.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'

describe('a picture in the width that somebody needs', () => {
  let app: StorageApp
  let media: Media
  before(async () => {
    app = await startStorageApp({
      // A process that waits for another one to make a picture looks for it now and then.
      clock: systemClock,
      canView: ({ media, owner }) => media.caption === 'public' || owner === 'friend',
      authenticate: (request) => {
        const user = headerOf(request, 'x-user') ?? 'ann'
        return user === 'nobody' ? null : user
      },
    })
    media = await sent(await photo({ width: 1000, height: 750, orientation: 6, gps: true }))
  })
  after(() => app.stop())

  const sent = async (bytes: Uint8Array, caption = '') =>
    mediaOf(await upload(app.url, { bytes }, { caption }))
  const ask = (id: string, query: string, headers: Record<string, string> = {}, url = app.url) =>
    fetch(`${url}/api/media/${id}/image?${query}`, { redirect: 'manual', headers })
  const see = async (answer: Response) => {
    assert.equal(answer.status, 302)
    const shown = await fetch(answer.headers.get('location') ?? '')
    assert.equal(shown.status, 200)
    return { type: shown.headers.get('content-type'), bytes: Buffer.from(await shown.arrayBuffer()) }
  }

  /** Keys of what was made because somebody asked. */
  const onDemand = async () => (await app.keys()).filter((key) => /\/w\d+\./.test(key))

  test('is upright, as wide as the next step of the ladder, and has no metadata', async () => {
    for (const [query, type, format] of [
      ['w=600&format=webp', 'image/webp', 'webp'],
      ['w=640&format=jpeg', 'image/jpeg', 'jpeg'],
      ['w=321&format=avif', 'image/avif', 'heif'],
    ] as const) {
      const picture = await see(await ask(media.id, query))
      assert.equal(picture.type, type)
      const { width, height, exif, icc, xmp, orientation, ...found } = await sharp(picture.bytes).metadata()
      assert.deepEqual([found.format, width, height], [format, 640, 853])
      assert.deepEqual([exif, icc, xmp, orientation ?? 1], [undefined, undefined, undefined, 1])
    }
  })

  test('is never larger than the photo', async () => {
    const { bytes } = await see(await ask(media.id, 'w=3840&format=webp'))
    const { width, height } = await sharp(bytes).metadata()
    assert.deepEqual([width, height], [750, 1000])
  })

  test('of a WebP that browsers do not turn is upright, and its media says so', async () => {
    const turned = await sent(await photo({ width: 1000, height: 400, orientation: 6, type: 'image/webp' }))
    assert.deepEqual([turned.width, turned.height, turned.turned], [1000, 400, true])
    const last = srcset(turned).split(', ').at(-1)
    assert.match(last ?? '', /w=400&.* 400w$/)
    assert.equal(sizes(turned, { width: '100vw', height: '80vh' }), 'min(100vw, 80vh * 0.4)')
    const { bytes } = await see(await ask(turned.id, 'w=320&format=webp'))
    const { width, height } = await sharp(bytes).metadata()
    assert.deepEqual([width, height], [320, 800])
    assert.equal(media.turned, undefined)
  })

  test('has the format that the client takes, and caches are told that it does', async () => {
    for (const [accept, type] of [
      ['image/avif,image/webp,image/*,*/*;q=0.8', 'image/webp'],
      ['*/*', 'image/jpeg'],
    ] as const) {
      const answer = await ask(media.id, 'w=640', { Accept: accept })
      assert.equal(answer.headers.get('vary'), 'Accept')
      assert.equal((await see(answer)).type, type)
    }
    const named = await ask(media.id, 'w=640&format=webp', { Accept: '*/*' })
    assert.equal(named.headers.get('vary'), null)
  })

  test('is kept by the browser alone, no longer than replaced bytes stay', async () => {
    const answer = await ask(media.id, 'w=640&format=webp')
    assert.equal(answer.headers.get('cache-control'), 'private, max-age=300')
    const shown = await fetch(answer.headers.get('location') ?? '')
    assert.match(shown.headers.get('cache-control') ?? '', /^private, max-age=3600/)
    const refused = await ask(media.id, 'w=no')
    assert.equal(refused.headers.get('cache-control'), 'no-store')
  })

  test('is the thumb where that is as wide', async () => {
    const wide = await sent(await photo({ width: 1200, height: 900 }))
    const before = await onDemand()
    const { bytes } = await see(await ask(wide.id, 'w=300&format=webp'))
    assert.equal((await sharp(bytes).metadata()).width, 320)
    assert.ok(bytes.equals(Buffer.from(await (await fetch(wide.urls.thumb ?? '')).arrayBuffer())))
    assert.deepEqual(await onDemand(), before)
  })

  test('goes with its photo', async () => {
    const short = await sent(await photo({ width: 800, height: 600 }))
    const made = await ask(short.id, 'w=640&format=webp')
    const { pathname } = new URL(made.headers.get('location') ?? '')
    const [key = ''] = (await onDemand()).filter((one) => pathname.endsWith(one))
    assert.notEqual(key, '')
    assert.equal((await fetch(`${app.url}/api/media/${short.id}`, { method: 'DELETE' })).status, 204)
    assert.equal((await ask(short.id, 'w=640&format=webp')).status, 404)
    assert.ok(!(await onDemand()).includes(key))
  })

  test('is not listed among the URLs of its media', async () => {
    await see(await ask(media.id, 'w=640&format=webp'))
    const { urls } = (await (await fetch(`${app.url}/api/media/${media.id}`)).json()) as Media
    assert.deepEqual(
      Object.keys(urls).filter((name) => /^w\d/.test(name)),
      [],
    )
  })

  test('of somebody else looks like one that is not there, unless the app lets it be seen', async () => {
    const theirs = await ask(media.id, 'w=640', { 'X-User': 'bob' })
    const absent = await ask('A'.repeat(22), 'w=640', { 'X-User': 'bob' })
    assert.deepEqual([theirs.status, absent.status], [404, 404])
    assert.deepEqual((await problemOf(theirs)).detail, (await problemOf(absent)).detail)
    assert.equal((await ask('..%2f', 'w=640')).status, 404)
    assert.equal((await ask(media.id, 'w=640', { 'X-User': 'friend' })).status, 302)
    const open = await sent(await photo({ width: 800, height: 600 }), 'public')
    assert.equal((await ask(open.id, 'w=640', { 'X-User': 'nobody' })).status, 302)
  })

  test('moves where the original does and is small, and its media says so', async () => {
    const moving = await sent(await animation(3, 'image/webp'))
    assert.deepEqual(moving.features, ['animated'])
    for (const [format, pages] of [
      ['webp', 3],
      ['jpeg', 1],
    ] as const) {
      const { bytes } = await see(await ask(moving.id, `w=640&format=${format}`))
      assert.equal((await sharp(bytes).metadata()).pages ?? 1, pages)
    }
    assert.equal(media.features, undefined)
  })

  test('that is asked for wrongly is refused with what would be right', async () => {
    const tooWide = await ask(media.id, 'w=5000')
    const problem = await problemOf(tooWide)
    assert.deepEqual([tooWide.status, problem.code, problem.limit], [400, 'invalid_parameter', 3840])
    const gif = await problemOf(await ask(media.id, 'w=640&format=gif'))
    assert.match(gif.detail, /webp, jpeg, avif/)
    const posted = await fetch(`${app.url}/api/media/${media.id}/image?w=640`, { method: 'POST' })
    assert.deepEqual([posted.status, posted.headers.get('allow')], [405, 'GET, HEAD'])
  })

  test('of a video is made of its poster', async (t) => {
    const video = await sent(await readFile(new URL('../media/files/index-first.mp4', import.meta.url)))
    // Posters are made where the optional decoder or ffmpeg is there: on some systems npm has none.
    if (video.urls.poster === undefined) return t.skip('no decoder of videos is installed')
    const { bytes } = await see(await ask(video.id, 'w=160&format=jpeg'))
    const { width, height } = await sharp(bytes).metadata()
    assert.deepEqual([width, height], [160, Math.round((160 * video.height) / video.width)])
  })
})

for (const { name, create, skip } of databases) {
  test(`a hundred requests in two processes on ${name} make one picture`, { skip }, async () => {
    const database = await create()
    const app = await startStorageApp({ database: database.url, clock: systemClock })
    try {
      const { id } = await mediaOf(await upload(app.url, { bytes: await photo({ width: 800, height: 600 }) }))
      const asks = Array.from({ length: 100 }, (_, at) =>
        fetch(`${at % 2 === 0 ? app.url : app.otherUrl}/api/media/${id}/image?w=640&format=webp`, {
          redirect: 'manual',
        }),
      )
      const led = (await Promise.all(asks)).map(
        (one) => `${one.status} ${new URL(one.headers.get('location') ?? '').pathname}`,
      )
      assert.deepEqual([new Set(led).size, led[0]?.slice(0, 3)], [1, '302'])
      assert.equal((await app.keys()).filter((key) => /\/w640\./.test(key)).length, 1)
    } finally {
      await app.stop()
      await database.drop()
    }
  })
}
