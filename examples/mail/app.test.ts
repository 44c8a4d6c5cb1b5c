import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createTintype, type Media, TintypeError } from 'tintype'
import { photo } from '../../test/media/photos.ts'
import { type RunningExample, startExample } from '../support.ts'
import { takeMail } from './mail.ts'
import { mailOf } from './message.ts'

const address = 'photos+k3vq8hzd@example.com'

describe('photos that come by mail', () => {
  let example: RunningExample
  before(async () => {
    example = await startExample(() => import('./app.ts'))
  })
  after(() => example.stop())

  const deliver = (body: string, { to = address, token = 'change me' } = {}) =>
    fetch(`${example.url}/mail?to=${encodeURIComponent(to)}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'message/rfc822' },
      body,
    })
  const list = async () =>
    ((await (await fetch(`${example.url}/api/media`)).json()) as { media: Media[] }).media

  test('a mail adds its photos, once however often it is delivered', async () => {
    const files = [
      { name: 'Straße.jpg', type: 'image/jpeg', bytes: await photo({ seed: 1 }) },
      { name: 'beach.png', type: 'application/octet-stream', bytes: await photo({ type: 'image/png' }) },
    ]
    for (const received of ['one', 'two']) {
      const mail = mailOf({ id: 'a@example.org', subject: 'Grüße', from: 'bob@example.org', files, received })
      const response = await deliver(mail)
      assert.deepEqual([response.status, await response.text()], [200, '2 files were added.\n'])
    }
    const media = await list()
    assert.deepEqual(media.map(({ name }) => name).sort(), ['Straße.jpg', 'beach.png'])
    assert.equal(media[0]?.caption, 'Grüße')
    assert.deepEqual(media[0]?.data, { from: 'bob@example.org', subject: 'Grüße' })
    const page = await (await fetch(example.url)).text()
    assert.equal(page.match(/<img /g)?.length, 2)
    assert.match(page, /Grüße<br>\s*<small>bob@example.org/)
  })

  test('a mail that is delivered twice at the same time adds its photos once, and no answer gives it up', async (t) => {
    t.mock.method(console, 'error', () => {})
    const before = (await list()).length
    const files = [
      { name: 'twice.jpg', type: 'image/jpeg', bytes: await photo({ seed: 5, width: 2000, height: 1500 }) },
    ]
    const mail = mailOf({ id: 'twice@example.org', subject: '', from: 'bob@example.org', files })
    const answers = await Promise.all([deliver(mail), deliver(mail), deliver(mail)])
    assert.deepEqual(
      answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 503),
      [],
    )
    assert.equal((await deliver(mail)).status, 200)
    assert.equal((await list()).length, before + 1)
  })

  test('the same photos in another mail are others', async () => {
    const before = (await list()).length
    const files = [{ name: 'again.jpg', type: 'image/jpeg', bytes: await photo({ seed: 1 }) }]
    for (const id of ['b@example.org', 'c@example.org'])
      await deliver(mailOf({ id, subject: '', from: 'bob@example.org', files }))
    assert.equal((await list()).length, before + 2)
  })

  test('a mail without a Message-ID adds its photos once, too', async () => {
    const before = (await list()).length
    const files = [{ name: 'no-id.jpg', type: 'image/jpeg', bytes: await photo({ seed: 2 }) }]
    for (const received of ['one', 'two'])
      await deliver(mailOf({ subject: 'x', from: 'bob@example.org', files, received }))
    assert.equal((await list()).length, before + 1)
  })

  test('what is refused is told, and does not keep the others out', async () => {
    const before = (await list()).length
    const files = [
      { name: 'notes.pdf', type: 'application/pdf', bytes: Buffer.from('%PDF-1.4\nnothing') },
      { name: 'fake.jpg', type: 'image/jpeg', bytes: Buffer.from('no photo at all') },
      { name: 'garden.jpg', type: 'image/jpeg', bytes: await photo({ seed: 3 }) },
    ]
    const response = await deliver(
      mailOf({ id: 'd@example.org', subject: 's', from: 'b@example.org', files }),
    )
    assert.equal(response.status, 200)
    assert.match(
      await response.text(),
      /^1 file was added\.\n\nNot added:\n- notes\.pdf: .+\n- fake\.jpg: .+\n$/,
    )
    assert.equal((await list()).length, before + 1)
  })

  test('a mail with nothing attached, or with more than it may have, is told so', async () => {
    const empty = await deliver(
      mailOf({ id: 'e@example.org', subject: 's', from: 'b@example.org', files: [] }),
    )
    assert.equal(await empty.text(), 'There was nothing attached to your mail.\n')
    const files = Array.from({ length: 51 }, (_, i) => ({
      name: `${i}.txt`,
      type: 'text/plain',
      bytes: Buffer.from('words'),
    }))
    const many = await deliver(mailOf({ id: 'f@example.org', subject: 's', from: 'b@example.org', files }))
    assert.match(await many.text(), /^0 files were added\.[\s\S]*- 50\.txt: A mail may have 50 files\.\n$/)
  })

  test('nobody but the mail server delivers, and only to addresses that are somebody’s', async () => {
    const mail = mailOf({ id: 'g@example.org', subject: 's', from: 'b@example.org', files: [] })
    assert.equal((await deliver(mail, { token: 'guessed' })).status, 401)
    assert.equal((await deliver(mail, { to: 'photos@example.com' })).status, 404)
    assert.equal((await fetch(`${example.url}/mail?to=${address}`, { method: 'POST' })).status, 401)
  })

  test('what can be tried again is no refusal: the mail server keeps the mail', async () => {
    const bucket = {
      name: 'photos',
      endpoint: 'http://127.0.0.1:9',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    }
    const cutOff = await createTintype({ bucket, database: 'data/other.db', authenticate: () => 'ann' })
    const files = [{ name: 'later.jpg', type: 'image/jpeg', bytes: await photo({ seed: 4 }) }]
    const mail = mailOf({ id: 'h@example.org', subject: 's', from: 'b@example.org', files })
    await assert.rejects(
      takeMail(cutOff, 'ann', Buffer.from(mail)),
      (error) => error instanceof TintypeError && error.status === 503,
    )
    await cutOff.close()
  })
})
