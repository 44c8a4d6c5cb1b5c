/** A frame that a browser has shown becomes the poster of a video that nothing here can decode. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import sharp from 'sharp'
import { coloured, withoutPictures } from '../media/colours.ts'
import { photo } from '../media/photos.ts'
import { databases } from '../support/app-database.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

for (const { name, create, skip } of databases) {
  describe(`a poster that is sent, on ${name}`, { skip }, () => {
    let app: StorageApp
    let database: Awaited<ReturnType<typeof create>>
    before(async () => {
      database = await create()
      app = await startStorageApp({
        database: database.url,
        variants: { thumb: { width: 320 }, view: { width: 600 } },
      })
    })
    after(async () => {
      await app.stop()
      await database.drop()
    })

    const blind = () => app.tintype.media.create(withoutPictures(coloured('bt709.mp4')), { owner: 'ann' })
    const send = (id: string, body: Uint8Array, headers: Record<string, string> = {}) =>
      fetch(`${app.url}/api/media/${id}/poster`, {
        method: 'PUT',
        body: new Blob([body as Uint8Array<ArrayBuffer>]),
        headers: { 'Content-Type': 'image/jpeg', ...headers },
      })

    test('is made anew, with what else is made of a video, and stays', async () => {
      const { id } = await blind()
      const answer = await send(id, await photo({ width: 1200, height: 800, gps: true, orientation: 6 }))
      assert.equal(answer.status, 200)
      const { urls } = (await answer.json()) as Media
      const { format, width, height, exif } = await sharp(
        Buffer.from(await (await fetch(urls.poster ?? '')).arrayBuffer()),
      ).metadata()
      assert.deepEqual([format, width, height, exif], ['webp', 800, 1200, undefined])
      assert.ok(urls.thumb)
      await until(async () => (await app.tintype.media.get(id))?.urls.view !== undefined)
      const again = await send(id, await photo({ width: 300, height: 300 }))
      assert.equal(again.status, 200)
      assert.equal(
        new URL(((await again.json()) as Media).urls.poster ?? '').pathname,
        new URL(urls.poster ?? '').pathname,
      )
      await app.tintype.media.remove(id)
      app.clock.advance(3_600_000)
      await until(async () => (await app.keys()).length === 0)
    })

    test('of two at once one is kept, and nothing is left of the other', async () => {
      const { id } = await blind()
      const frame = await photo({ width: 400, height: 300 })
      const answers = await Promise.all([send(id, frame), send(id, frame)])
      assert.ok(answers.some(({ status }) => status === 200))
      assert.ok(answers.every(({ status }) => status === 200 || status === 503))
      await until(async () => (await app.tintype.media.get(id))?.urls.view !== undefined)
      app.clock.advance(3_600_000)
      await until(async () => (await app.keys()).length === 4)
      await app.tintype.media.remove(id)
    })

    test('is refused where it is no picture, of a photo, or of somebody else', async () => {
      const { id } = await blind()
      const frame = await photo({ width: 400, height: 300 })
      const codeOf = async (answer: Response) => [
        answer.status,
        ((await answer.json()) as { code: string }).code,
      ]
      assert.deepEqual(await codeOf(await send(id, coloured('bt709.mp4'))), [415, 'unsupported_type'])
      assert.deepEqual(await codeOf(await send(id, frame.subarray(0, frame.length / 2))), [
        422,
        'not_decodable',
      ])
      assert.deepEqual(await codeOf(await send(id, Buffer.alloc(9 * 1024 * 1024))), [413, 'too_large'])
      assert.deepEqual(await codeOf(await send(id, frame, { 'X-User': 'bob' })), [404, 'not_found'])
      const still = await app.tintype.media.create(frame, { owner: 'ann' })
      assert.deepEqual(await codeOf(await send(still.id, frame)), [409, 'conflict'])
      assert.deepEqual(Object.keys((await app.tintype.media.get(id))?.urls ?? {}), ['original'])
    })
  })
}
