import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { MediaPage } from '@tintype/protocol'
import { photo } from '../../test/media/photos.ts'
import { type RunningExample, startExample } from '../support.ts'

describe('an app whose records are documents in a store of their own', () => {
  let example: RunningExample
  before(async () => {
    example = await startExample(() => import('./app.ts'))
  })
  after(() => example.stop())

  const post = async (text: string, count: number) => {
    const form = new FormData()
    form.append('text', text)
    for (let i = 0; i < count; i++)
      form.append('photo', new File([new Uint8Array(await photo())], `${i}.jpg`))
    return fetch(`${example.url}/posts`, { method: 'POST', body: form, redirect: 'manual' })
  }
  const mediaCount = async () =>
    ((await (await fetch(`${example.url}/api/media`)).json()) as MediaPage).media.length
  const home = async () => (await fetch(example.url)).text()

  test('a post shows its photos, and takes them with it', async () => {
    assert.equal((await post('Hello', 2)).status, 303)
    assert.equal((await home()).match(/<img /g)?.length, 2)
    assert.equal(await mediaCount(), 2)
    const id = /\/posts\/([^/]+)\/delete/.exec(await home())?.[1]
    for (const _ of ['once', 'twice']) {
      const deleted = await fetch(`${example.url}/posts/${id}/delete`, { method: 'POST', redirect: 'manual' })
      assert.equal(deleted.status, 303)
    }
    assert.doesNotMatch(await home(), /Hello/)
    assert.equal(await mediaCount(), 0)
  })

  test('a post without a photo is a post', async () => {
    assert.equal((await post('Words alone', 0)).status, 303)
    assert.match(await home(), /Words alone/)
  })
})
