import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Media, Problem } from '@tintype/protocol'
import sharp from 'sharp'
import { photo } from '../../test/media/photos.ts'
import { begin, complete, send } from '../../test/support/direct.ts'
import { formOf, type RunningExample, sendForm, startExample } from '../support.ts'

describe('an app with hooks', () => {
  let example: RunningExample
  before(async () => {
    example = await startExample(() => import('./app.ts'))
  })
  after(() => example.stop())

  const post = async (bytes: Buffer, owner: string) => {
    const form = new FormData()
    form.append('album', 'sea')
    form.append('photo', new File([new Uint8Array(bytes)], 'beach.jpg'))
    const headers = { authorization: owner }
    return fetch(`${example.url}/photos`, { method: 'POST', body: form, headers })
  }
  const albums = async () =>
    (await (await fetch(`${example.url}/albums`)).json()) as { media: string; name: string }[]

  test('a photo gets its watermark, its name and its row, by a form', async () => {
    const sent = await photo({ width: 320, height: 240 })
    const response = await post(sent, 'ann')
    assert.equal(response.status, 201)
    const [media] = (await response.json()) as Media[]
    assert.ok(media)
    assert.match(media.name, /^\d{4}-\d\d-\d\d beach\.jpg$/)
    const stored = Buffer.from(await (await fetch(new URL(media.urls.original, example.url))).arrayBuffer())
    const corner = (bytes: Buffer) =>
      sharp(bytes).extract({ left: 224, top: 216, width: 96, height: 24 }).greyscale().stats()
    const [before, after] = [await corner(sent), await corner(stored)]
    assert.ok((after.channels[0]?.max ?? 0) > (before.channels[0]?.max ?? 0))
    assert.deepEqual(await albums(), [{ media: media.id, name: 'sea' }])

    const removed = await fetch(`${example.url}/api/media/${media.id}`, {
      method: 'DELETE',
      headers: { authorization: 'ann' },
    })
    assert.equal(removed.status, 204)
    assert.deepEqual(await albums(), [])
  })

  test('so does one that is sent straight to S3', async () => {
    const sent = await photo({ width: 320, height: 240 })
    const session = await begin(example.url, sent)
    const put = { ...session.put, url: new URL(session.put?.url ?? '', example.url).href }
    await send(put as Parameters<typeof send>[0], sent)
    const response = await complete(example.url, session)
    assert.equal(response.status, 201)
    const media = (await response.json()) as Media
    assert.match(media.name, /^\d{4}-\d\d-\d\d photo\.jpg$/)
    assert.notEqual(media.bytes, sent.length)
    assert.deepEqual(await albums(), [{ media: media.id, name: 'all' }])
  })

  test('the form of the page does the same, and a refusal in the words of the app is a page', async () => {
    const form = formOf(await (await fetch(example.url)).text())
    const sent = await sendForm(example.url, form, await photo({ seed: 7 }), { authorization: 'eve' })
    assert.deepEqual([sent.status, sent.headers.get('location')], [303, '/'])
    const tiny = await sendForm(example.url, form, await photo({ width: 8, height: 8 }))
    assert.equal(tiny.status, 422)
    assert.match(await tiny.text(), /The photo is too small/)
  })

  test('a tiny picture and an eleventh one are refused in the words of the app', async () => {
    const tiny = await post(await photo({ width: 8, height: 8 }), 'bob')
    assert.deepEqual([tiny.status, ((await tiny.json()) as Problem).code], [422, 'refused'])
    for (let count = 0; count < 10; count++) {
      assert.equal((await post(await photo({ seed: count }), 'bob')).status, 201)
    }
    const eleventh = await post(await photo(), 'bob')
    const { code, detail } = (await eleventh.json()) as Problem
    assert.deepEqual(
      [eleventh.status, code, detail],
      [403, 'too_many_photos', 'You have ten photos already.'],
    )
  })
})
