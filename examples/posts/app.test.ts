import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { MediaPage } from '@tintype/protocol'
import { photo } from '../../test/media/photos.ts'
import { type RunningExample, startExample } from '../support.ts'

describe('an app with tables of its own', () => {
  let example: RunningExample
  before(async () => {
    example = await startExample(() => import('./app.ts'))
  })
  after(() => example.stop())

  const post = async (text: string, file?: File) => {
    const form = new FormData()
    form.append('text', text)
    form.append('photo', file ?? new File([new Uint8Array(await photo())], 'p.jpg'))
    return fetch(`${example.url}/posts`, { method: 'POST', body: form, redirect: 'manual' })
  }
  const mediaList = async () => ((await (await fetch(`${example.url}/api/media`)).json()) as MediaPage).media
  const home = async () => (await fetch(example.url)).text()

  test('a post shows its photo, which cannot be deleted while the post is there, and goes with it', async () => {
    assert.equal((await post('Hello <b>there</b>')).status, 303)
    const [media] = await mediaList()
    assert.ok(media)
    assert.match(await home(), /Hello &#60;b&#62;there/)
    const [, picture = ''] = /<img src="([^"]+)"/.exec(await home()) ?? []
    const shown = await fetch(new URL(picture.replaceAll('&#38;', '&').replaceAll('&#39;', "'"), example.url))
    assert.deepEqual([shown.status, shown.headers.get('content-type')], [200, 'image/webp'])
    const [, set = ''] = /srcset="([^" ]+) 64w"/.exec(await home()) ?? []
    const sharp = await fetch(new URL(set.replaceAll('&#38;', '&'), example.url))
    assert.deepEqual([sharp.status, sharp.headers.get('content-type')], [200, 'image/jpeg'])
    assert.equal((await fetch(`${example.url}/api/media/${media.id}`, { method: 'DELETE' })).status, 409)

    const id = /\/posts\/([^/]+)\/delete/.exec(await home())?.[1]
    const deleted = await fetch(`${example.url}/posts/${id}/delete`, { method: 'POST', redirect: 'manual' })
    assert.equal(deleted.status, 303)
    assert.deepEqual(await mediaList(), [])
    assert.doesNotMatch(await home(), /Hello/)
  })

  test('a post needs no photo: where none is chosen, browsers send an empty file without a name', async () => {
    assert.equal((await post('Words alone', new File([], ''))).status, 303)
    assert.match(await home(), /Words alone/)
  })

  test('a form that the app refuses leaves an unclaimed photo', async () => {
    assert.equal((await post('  ')).status, 400)
    assert.equal((await mediaList()).length, 1)
    assert.doesNotMatch(await home(), /<img/)
  })
})
