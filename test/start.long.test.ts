import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Media, MediaPage, Problem } from '@tintype/protocol'
import { eicar, startStub } from '../examples/clamd/daemons.ts'
import { mailOf } from '../examples/mail/message.ts'
import { blocksOf } from '../scripts/docs-blocks/blocks.ts'
import { photo } from './media/photos.ts'
import { runApp } from './support/page-app.ts'
import { mediaOf, upload } from './support/server.ts'

/** The apps of a page that a newcomer copies. */
const appsOf = (page: string) =>
  blocksOf(page).filter(({ exempt }) => exempt === 'run by test/start.long.test.ts')

const listOf = async (url: string) => ((await (await fetch(`${url}/api/media`)).json()) as MediaPage).media

describe('the apps that a newcomer copies first run as they stand, on another port', () => {
  const apps = appsOf('docs/start.md')

  test('there is one for Express, Fastify and Hono', () => {
    assert.equal(apps.length, 3)
  })

  for (const { page, line, lines } of apps)
    test(`${page}:${line} takes a photo`, async () => {
      await using app = await runApp(lines)
      const bytes = await photo()
      assert.equal((await upload(app.url, { bytes })).status, 201)
      const [media, ...others] = await listOf(app.url)
      assert.equal(others.length, 0)
      const thumb = await fetch(media?.urls.thumb ?? '')
      assert.equal(thumb.headers.get('content-type'), 'image/webp')
      const refused = await upload(app.url, { bytes: Buffer.from('{}'), name: 'package.json' })
      assert.equal(refused.status, 415)
      assert.equal(((await refused.json()) as Problem).code, 'unsupported_type')
    })
})

test('the app of docs/multer.md takes photos by Multer in both ways, shows and deletes them', async () => {
  const [block] = appsOf('docs/multer.md')
  await using app = await runApp(block?.lines ?? [])
  const bytes = await photo()
  const one = await upload(app.url, { bytes, field: 'image' }, { path: '/pictures' })
  assert.equal(one.status, 201)
  const files = [1, 2].map(() => ({ bytes, field: 'images' }))
  const two = await upload(app.url, files, { path: '/albums' })
  assert.equal(((await two.json()) as Media[]).length, 2)
  const pictures = async () => (await (await fetch(`${app.url}/pictures`)).json()) as Media[]
  assert.equal((await pictures()).length, 3)
  for (const { id, urls } of await pictures()) {
    assert.equal((await fetch(new URL(urls.original, app.url))).status, 200)
    assert.equal((await fetch(`${app.url}/pictures/${id}`, { method: 'DELETE' })).status, 204)
  }
  assert.deepEqual(await pictures(), [])
  const refusals = [
    [await upload(app.url, { bytes: Buffer.from('{}'), field: 'image' }, { path: '/pictures' }), 415],
    [await upload(app.url, { bytes, field: 'other' }, { path: '/pictures' }), 400],
  ] as const
  for (const [response, status] of refusals) {
    assert.equal(response.status, status)
    assert.ok(((await response.json()) as { message: string }).message)
  }
})

test('the app of docs/mail.md takes what is attached to a mail, once', async () => {
  const [block] = appsOf('docs/mail.md')
  await using app = await runApp(block?.lines ?? [], { MAIL_TOKEN: 'secret' })
  const files = [
    { name: 'beach.jpg', type: 'image/jpeg', bytes: await photo() },
    { name: 'letter.txt', type: 'text/plain', bytes: Buffer.from('only words') },
  ]
  const body = mailOf({ id: '1@example.org', subject: 'The beach', from: 'eve@example.net', files })
  const deliver = (to: string, token = 'secret') =>
    fetch(`${app.url}/mail?to=${encodeURIComponent(to)}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'message/rfc822' },
      body,
    })
  const address = 'photos+k3vq8hzd@example.com'
  for (const _ of ['once', 'twice']) {
    const answer = await deliver(address)
    assert.equal(answer.status, 200)
    assert.match(await answer.text(), /^beach\.jpg: added\nletter\.txt: .*\n$/)
  }
  assert.deepEqual(
    (await listOf(app.url)).map(({ name, caption }) => [name, caption]),
    [['beach.jpg', 'The beach']],
  )
  assert.equal((await deliver(address, 'guessed')).status, 401)
  assert.equal((await deliver('photos@example.com')).status, 404)
})

test('the app of docs/scanning.md lets in what ClamAV finds nothing in', async (t) => {
  const [block] = appsOf('docs/scanning.md')
  const daemon = await startStub()
  t.after(() => daemon.stop())
  await using app = await runApp(block?.lines ?? [], { CLAMD: daemon.address.replace(/.*:/, '') })
  const clean = await photo()
  assert.equal((await mediaOf(await upload(app.url, { bytes: clean }))).type, 'image/jpeg')
  const infected = await upload(app.url, { bytes: Buffer.concat([clean, Buffer.from(eicar)]) })
  assert.deepEqual([infected.status, ((await infected.json()) as Problem).code], [422, 'infected'])
  await daemon.stop()
  const unseen = await upload(app.url, { bytes: await photo({ seed: 2 }) })
  assert.deepEqual([unseen.status, ((await unseen.json()) as Problem).code], [500, 'hook_failed'])
  assert.equal((await listOf(app.url)).length, 1)
})
