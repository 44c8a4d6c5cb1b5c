import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { startServer, type TestServer } from '../support/server.ts'

const token = 'a-token-of-thirty-two-characters'
const bearer = { Authorization: `Bearer ${token}` }

describe('without JavaScript', () => {
  let server: TestServer
  before(async () => {
    server = await startServer({ TINTYPE_TOKEN: token })
  })
  after(() => server.stop())

  /** As a browser sends the form that stands on this page. */
  async function sendForm(bytes: Uint8Array, page: string) {
    const body = new FormData()
    body.append('file', new Blob([bytes as Uint8Array<ArrayBuffer>]), 'a.jpg')
    return fetch(`${server.url}/api/media`, {
      method: 'POST',
      redirect: 'manual',
      headers: { ...bearer, Accept: 'text/html,*/*;q=0.8', Referer: page },
      body,
    })
  }

  test('a form is led back to its page, and nowhere else', async () => {
    const bytes = await photo()
    for (const [page, path] of [
      [`${server.url}/plain?cursor=x`, '/plain'],
      ['https://elsewhere.example/plain', '/'],
      [`${server.url}//elsewhere.example`, '/'],
    ] as const) {
      const response = await sendForm(bytes, page)
      assert.deepEqual([response.status, response.headers.get('location')], [303, path])
    }
    const plain = await (await fetch(`${server.url}/plain`, { headers: bearer })).text()
    assert.match(plain, /<form method="post" action="\/api\/media"/)
    assert.match(plain, /<img loading="lazy"/)
  })

  test('what is wrong is a page that stands alone and leads back', async () => {
    const response = await sendForm(Buffer.from('<html>'), `${server.url}/plain`)
    assert.deepEqual(
      [response.status, response.headers.get('content-type')],
      [415, 'text/html; charset=utf-8'],
    )
    const html = await response.text()
    assert.match(html, /<a href="\/plain">/)
    assert.doesNotMatch(html, /<link/)
    const [, style = ''] = /<style>(.*)<\/style>/s.exec(html) ?? []
    const hash = createHash('sha256').update(style).digest('base64')
    assert.ok(response.headers.get('content-security-policy')?.includes(`style-src 'sha256-${hash}'`))
  })

  test('one changes the caption of a photo, and deletes it, by forms', async () => {
    const form = new FormData()
    form.append('file', new Blob([(await photo()) as Uint8Array<ArrayBuffer>]), 'form.jpg')
    const sent = await fetch(`${server.url}/api/media`, { method: 'POST', headers: bearer, body: form })
    const { media } = (await sent.json()) as { media: { id: string }[] }
    const page = `/plain/photo/${media[0]?.id}`
    const headers = { ...bearer, Accept: 'text/html' }
    const send = (path: string, caption = '', more = {}) =>
      fetch(server.url + path, {
        method: 'POST',
        redirect: 'manual',
        headers: { ...headers, ...more },
        body: new URLSearchParams({ caption }),
      })
    const show = async () => (await fetch(server.url + page, { headers })).text()
    const captionIn = async () => /name="caption" maxlength="2000" value="(.*?)"/.exec(await show())?.[1]

    const longest = '長'.repeat(2000)
    for (const [given, kept] of [
      ['  "Low" tide ', '&#34;Low&#34; tide'],
      [longest, longest],
      [' ', ''],
    ] as const) {
      const saved = await send(page, given)
      assert.deepEqual([saved.status, saved.headers.get('location')], [303, page])
      assert.equal(await captionIn(), kept)
    }
    assert.equal((await send(page, 'x'.repeat(2001))).status, 400)
    assert.match(await show(), new RegExp(`href="/api/media/${media[0]?.id}/original\\?download"`))

    assert.equal((await send(page, 'theirs', { 'Sec-Fetch-Site': 'cross-site' })).status, 403)
    assert.equal((await send(page, 'theirs', { Authorization: 'Bearer another' })).status, 401)
    assert.equal(await captionIn(), '')
    assert.equal((await fetch(server.url + page)).status, 401)

    const gone = await send(`${page}/delete`)
    assert.deepEqual([gone.status, gone.headers.get('location')], [303, '/plain'])
    assert.equal((await fetch(server.url + page, { headers })).status, 404)
    assert.equal((await send(`${page}/delete`)).status, 404)
    assert.equal((await fetch(`${server.url}/plain/photo/nothing`, { headers })).status, 404)
  })

  test('the page is cached by the browser alone, and asks for the token', async () => {
    const page = await fetch(`${server.url}/plain`, { headers: bearer })
    assert.equal(page.headers.get('cache-control'), 'private, no-cache')
    const strange = await fetch(`${server.url}/plain`)
    assert.deepEqual([strange.status, strange.headers.get('www-authenticate')], [401, 'Bearer'])
    assert.equal(strange.headers.get('cache-control'), 'private, no-cache')
  })
})
