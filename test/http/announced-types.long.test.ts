import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { photo, pixelFlood } from '../media/photos.ts'
import { begin, complete, post, send } from '../support/direct.ts'
import { problemOf, upload } from '../support/server.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'

describe('what a browser announces refuses nothing: the bytes decide, by form and direct alike', () => {
  let app: StorageApp
  let files: Record<'jpeg' | 'png' | 'heic' | 'jxl' | 'mp4' | 'html' | 'flood' | 'silent', Buffer>
  before(async () => {
    app = await startStorageApp({ limits: { imageBytes: 64 * 1024, videoBytes: 256 * 1024 } })
    const clip = (name: string) => readFile(new URL(`../media/files/${name}`, import.meta.url))
    files = {
      jpeg: await photo(),
      png: await photo({ type: 'image/png' }),
      heic: await clip('quadrants.heic'),
      jxl: await clip('turned-6.jxl'),
      mp4: await clip('index-at-end.mp4'),
      html: Buffer.from('<!doctype html><script>alert(1)</script>'),
      flood: await pixelFlood(),
      silent: await clip('sound-only.mp4'),
    }
  })
  after(() => app.stop())

  const told = ({ type, width, height }: Media) => `${type} ${width}x${height}`
  async function byForm(bytes: Buffer, name: string, type: string): Promise<string> {
    const response = await upload(app.url, { bytes, name, type })
    if (!response.ok) return (await problemOf(response)).detail
    const { media } = (await response.json()) as { media: [Media] }
    return told(media[0])
  }
  async function direct(bytes: Buffer, name: string, type: string | undefined): Promise<string> {
    const session = await begin(app.url, bytes, { name, type })
    assert.equal((await send(session.put ?? assert.fail(), bytes)).status, 200)
    const response = await complete(app.url, session)
    return response.ok ? told((await response.json()) as Media) : (await problemOf(response)).detail
  }

  for (const [file, name, type, right] of [
    ['jpeg', 'IMG_3630.HEIC', 'image/heic', 'image/jpeg 64x48'],
    ['jpeg', 'IMG_3630.HEIC', '', 'image/jpeg 64x48'],
    ['jpeg', 'a.jfif', 'image/jpg', 'image/jpeg 64x48'],
    ['jpeg', 'a.jpg', 'IMAGE/JPEG; charset=binary', 'image/jpeg 64x48'],
    ['jpeg', 'a.svg', 'image/svg+xml', 'image/jpeg 64x48'],
    ['jpeg', 'a.mp4', 'video/mp4', 'image/jpeg 64x48'],
    ['png', 'a.jpg', 'image/jpeg', 'image/png 64x48'],
    ['heic', 'IMG_0001.HEIC', 'image/heic', 'image/heic 128x64'],
    ['heic', 'IMG_0001.JPG', 'image/jpeg', 'image/heic 128x64'],
    ['jxl', 'a.jxl', '', 'image/jxl 64x128'],
    ['mp4', 'clip.3gp', 'video/3gpp', 'video/mp4 160x120'],
    ['mp4', 'VID_0001', 'application/octet-stream', 'video/mp4 160x120'],
    ['mp4', 'a.mp4', 'unsupport/unsupport', 'video/mp4 160x120'],
    ['mp4', 'a.jpg', 'image/jpeg', 'video/mp4 160x120'],
    ['mp4', 'a.mp4', 'constructor', 'video/mp4 160x120'],
    ['html', 'a.jpg', 'image/jpeg', /^This is a web page \(text\/html\)/],
    ['flood', 'a.webp', 'image/webp', /megapixels/],
    ['silent', 'a.mov', 'video/quicktime', /sound/],
  ] as const) {
    test(`${file} called ${name} of type '${type}'`, async () => {
      const form = await byForm(files[file], name, type)
      if (typeof right === 'string') assert.equal(form, right)
      else assert.match(form, right)
      assert.equal(await direct(files[file], name, type), form)
    })
  }

  test('a type may be left out', async () => {
    assert.equal(await direct(files.jpeg, 'a', undefined), 'image/jpeg 64x48')
  })

  test('what is published is stored with the type of its bytes', async () => {
    const before = new Set(await app.keys())
    await direct(files.jpeg, 'IMG_3630.HEIC', 'image/heic')
    const added = (await app.keys()).filter((key) => !before.has(key))
    const original = added.find((key) => key.endsWith('.jpg'))
    assert.equal(await app.typeOf(original ?? assert.fail()), 'image/jpeg')
  })

  test('a type chooses the limit that is checked first; without one it is the larger', async () => {
    const limitOf = async (type: string, size: number) => {
      const response = await post(`${app.url}/api/uploads`, { name: 'a', type, size })
      return response.status === 413 ? (await problemOf(response)).limit : response.status
    }
    assert.equal(await limitOf('image/png', 64 * 1024 + 1), 64 * 1024)
    assert.equal(await limitOf('image/heic', 64 * 1024 + 1), 64 * 1024)
    assert.equal(await limitOf('image/bmp', 64 * 1024 + 1), 201)
    assert.equal(await limitOf('', 256 * 1024 + 1), 256 * 1024)
  })

  test('a picture above its limit is refused at the end, with the words of a form', async () => {
    const large = Buffer.concat([files.jpeg, Buffer.alloc(64 * 1024)])
    const form = await byForm(large, 'a.jpg', 'image/jpeg')
    assert.match(form, /more than 64 kB/)
    assert.equal(await direct(large, 'a.HEIC', ''), form)
  })
})
