import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { MediaPage } from '@tintype/protocol'
import { photo } from '../../test/media/photos.ts'
import { until } from '../../test/support/until.ts'
import { formOf, type RunningExample, sendForm, startExample } from '../support.ts'

describe('an app that has Multer already', () => {
  let example: RunningExample
  before(async () => {
    example = await startExample(() => import('./app.ts'))
  })
  after(() => example.stop())

  const ask = (path: string, init?: RequestInit) => fetch(example.url + path, init)
  /** Its address is the app's own: no bucket is named. */
  const view = (url: string) => fetch(new URL(url, example.url))
  const mediaList = async () => ((await (await ask('/api/media')).json()) as MediaPage).media
  const pictures = async () =>
    (await (await ask('/pictures')).json()) as { id: string; title: string; url: string; thumb: string }[]

  /** @param more text fields */
  function send(path: string, field: string, files: File[], more: Record<string, string> = {}) {
    const form = new FormData()
    for (const [name, value] of Object.entries(more)) form.append(name, value)
    for (const file of files) form.append(field, file)
    return ask(path, { method: 'POST', body: form })
  }
  const jpeg = async (name: string, size = {}) => new File([new Uint8Array(await photo(size))], name)
  const text = new File(['Not a picture at all, however long one looks at it.'], 'notes.txt')

  test('a photo is changed in memory, stored with a record, seen by signed URLs, and deleted with its record', async () => {
    const large = await jpeg('IMG_1.jpg', { width: 3200, height: 800 })
    const response = await send('/pictures', 'image', [large], { title: 'The fjord' })
    assert.equal(response.status, 201)
    const [picture] = await pictures()
    const [media] = await mediaList()
    assert.ok(picture && media)
    assert.deepEqual([picture.title, media.name], ['The fjord', 'The fjord.jpg'])
    assert.deepEqual([media.width, media.height], [1600, 400])

    for (const url of [picture.url, picture.thumb]) {
      const shown = await view(url)
      assert.equal(shown.status, 200)
      await shown.arrayBuffer()
    }
    assert.equal((await view(picture.url.replace(/\?.*/, ''))).status, 403, 'unsigned')
    assert.equal((await ask(`/api/media/${media.id}`, { method: 'DELETE' })).status, 409, 'it has a record')

    assert.equal((await ask(`/pictures/${picture.id}`, { method: 'DELETE' })).status, 204)
    assert.deepEqual([await pictures(), await mediaList()], [[], []])
    await until(async () => (await view(picture.url)).status !== 200)
    assert.equal((await ask(`/pictures/${picture.id}`, { method: 'DELETE' })).status, 404)
  })

  test('the form of the page does so', async () => {
    const form = formOf(await (await ask('/')).text())
    assert.equal((await sendForm(example.url, form, await photo())).status, 201)
    const [picture] = await pictures()
    assert.equal(picture?.title, 'Untitled')
    assert.equal((await ask(`/pictures/${picture?.id}`, { method: 'DELETE' })).status, 204)
  })

  test('an album goes to S3 as it comes, file by file', async () => {
    const files = [await jpeg('für Anna.jpg'), await jpeg('b.jpg')]
    const response = await send('/albums', 'images', files)
    assert.equal(response.status, 201)
    const made = await mediaList()
    assert.deepEqual(made.map(({ name }) => name).sort(), ['b.jpg', 'für Anna.jpg'])
    for (const { id } of await pictures()) await ask(`/pictures/${id}`, { method: 'DELETE' })
    assert.deepEqual(await mediaList(), [])
  })

  test('what is refused is told with its status, and leaves neither record nor media', async () => {
    const outcomes = [
      [await send('/pictures', 'image', []), 400, 'no_file'],
      [await send('/pictures', 'photo', [await jpeg('a.jpg')]), 400, 'LIMIT_UNEXPECTED_FILE'],
      [await send('/albums', 'images', [await jpeg('a.jpg'), text]), 415, 'unsupported_type'],
    ] as const
    for (const [response, status, code] of outcomes) {
      assert.equal(response.status, status)
      assert.equal(((await response.json()) as { code: string }).code, code)
    }
    assert.deepEqual([await pictures(), await mediaList()], [[], []])
  })
})
