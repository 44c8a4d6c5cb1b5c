import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { SharedFilesNote } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { startServer, type TestServer } from '../support/server.ts'

const token = 'a-token-of-thirty-two-characters'
const bearer = { Authorization: `Bearer ${token}` }

interface Manifest {
  icons: { src: string; sizes: string; type: string; purpose?: string }[]
  share_target: { action: string; method: string; params: { files: { name: string }[] } }
}

describe('the gallery, installed', () => {
  let server: TestServer
  before(async () => {
    server = await startServer({ TINTYPE_TOKEN: token })
  })
  after(() => server.stop())

  const manifestOf = async () => {
    const response = await fetch(`${server.url}/manifest.webmanifest`)
    return { response, manifest: (await response.json()) as Manifest }
  }

  /** As a phone's browser sends what another app shares, which no page of any site asked for. */
  async function share(files: { name: string; bytes: Uint8Array; type?: string }[], headers = {}) {
    const { share_target } = (await manifestOf()).manifest
    const body = new FormData()
    body.append('title', 'Two of them')
    for (const { name, bytes, type = 'image/jpeg' } of files)
      body.append('file', new Blob([bytes as Uint8Array<ArrayBuffer>], { type }), name)
    const response = await fetch(new URL(share_target.action, `${server.url}/`), {
      method: share_target.method,
      redirect: 'manual',
      headers: { 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate', Accept: 'text/html', ...headers },
      body,
    })
    return { response, ...noteIn(response) }
  }

  function noteIn(response: Response) {
    const [cookie = ''] = response.headers.getSetCookie()
    const [, value = ''] = /^tintype_shared=([\w-]+);/.exec(cookie) ?? []
    const note =
      value === '' ? undefined : (JSON.parse(String(Buffer.from(value, 'base64url'))) as SharedFilesNote)
    return { cookie, note }
  }

  const names = async () => {
    const response = await fetch(`${server.url}/api/media`, { headers: bearer })
    const { media } = (await response.json()) as {
      media: { id: string; name: string; caption: string | null }[]
    }
    return media.map(({ name }) => name)
  }

  test('its page names a manifest, which its policy allows, and which takes the page as it lies', async () => {
    const page = await fetch(`${server.url}/`)
    assert.match(await page.text(), /<link rel="manifest" href="\.\/manifest\.webmanifest"/)
    assert.match(page.headers.get('content-security-policy') ?? '', /manifest-src 'self'/)
    const { response, manifest } = await manifestOf()
    assert.match(response.headers.get('content-type') ?? '', /^application\/manifest\+json/)
    const { start_url, scope } = manifest as unknown as Record<string, string>
    assert.deepEqual([start_url, scope], ['./', './'])
  })

  test('each icon has the size and the type that the manifest says', async () => {
    const { manifest } = await manifestOf()
    for (const { src, sizes, type } of [
      ...manifest.icons,
      { src: 'apple-touch-icon.png', sizes: '180x180', type: 'image/png' },
    ]) {
      const response = await fetch(new URL(src, `${server.url}/`))
      assert.deepEqual([response.status, response.headers.get('content-type')], [200, type])
      const bytes = Buffer.from(await response.arrayBuffer())
      if (type !== 'image/png') continue
      assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, sizes)
    }
    const purposes = manifest.icons.map(({ purpose = 'any' }) => purpose)
    assert.ok(purposes.includes('maskable') && purposes.includes('any'))
  })

  test('what a phone shares is added, each file by itself, and what is refused is told in words', async () => {
    const bytes = await photo()
    const many = Array.from({ length: 9 }, (_, at) => ({ name: `many-${at}.jpg`, bytes }))
    const { response, cookie, note } = await share(
      [
        { name: 'beach.jpg', bytes },
        { name: 'letter.pdf', bytes: Buffer.from('%PDF-1.7\n'.repeat(50_000)), type: 'image/png' },
        { name: 'Straße 🏖.jpg', bytes },
        ...many,
      ],
      bearer,
    )
    assert.deepEqual([response.status, response.headers.get('location')], [303, '/'])
    assert.doesNotMatch(cookie, /HttpOnly/)
    assert.equal(note?.added, 11)
    assert.deepEqual(
      note.refused.map(({ name }) => name),
      ['letter.pdf'],
    )
    assert.match(note.refused[0]?.reason ?? '', /\w+ .*\.$/)
    const found = await names()
    assert.equal(found.length, 11)
    assert.ok(found.includes('Straße 🏖.jpg'))
  })

  test('without JavaScript, the next page tells it once', async () => {
    const { cookie } = await share([{ name: '<b>.jpg', bytes: Buffer.from('nothing') }], bearer)
    const [pair = ''] = cookie.split(';')
    const page = await fetch(`${server.url}/plain`, { headers: { ...bearer, Cookie: pair } })
    assert.match(await page.text(), /0 added of what you shared.*&#60;b&#62;\.jpg/)
    assert.match(page.headers.getSetCookie().join(), /^tintype_shared=; Max-Age=0/)
    const forged = { ...bearer, Cookie: 'tintype_shared=bm90aGluZw' }
    assert.equal((await fetch(`${server.url}/plain`, { headers: forged })).status, 200)
  })

  test('so much is refused that not all of it can be told: the note stays within what browsers keep', async () => {
    const files = Array.from({ length: 30 }, (_, at) => ({
      name: `${'長い名前'.repeat(40)}-${at}.jpg`,
      bytes: Buffer.from('nothing'),
    }))
    const { cookie, note } = await share(files, bearer)
    assert.ok(cookie.length < 4096)
    assert.equal((note?.refused.length ?? 0) + (note?.more ?? 0), 30)
  })

  test('however many small files are shared at once, others are answered meanwhile, and the note says how many there were', async () => {
    const part = '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nnothing\r\n'
    const sharing = fetch(`${server.url}/share-target`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'Sec-Fetch-Site': 'none', 'Content-Type': 'multipart/form-data; boundary=x', ...bearer },
      body: `${part.repeat(2000)}--x--\r\n`,
    })
    let isOver = false
    const ended = sharing.finally(() => {
      isOver = true
    })
    let answered = 0
    for (; !isOver; answered++) assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
    const note = noteIn(await ended).note
    assert.equal((note?.refused.length ?? 0) + (note?.more ?? 0), 2000)
    assert.ok(answered > 100, `${answered} requests were answered meanwhile`)
  })

  test('somebody who is not signed in is told to sign in, and nothing is added', async () => {
    const before = await names()
    const { response, cookie, note } = await share([{ name: 'beach.jpg', bytes: await photo() }])
    assert.deepEqual([response.status, response.headers.get('location')], [303, '/'])
    assert.equal(note?.signIn, true)
    const [pair = ''] = cookie.split(';')
    const page = await fetch(`${server.url}/plain`, { headers: { Cookie: pair } })
    assert.match(await page.text(), /Sign in, then share it again/)
    assert.deepEqual(await names(), before)
  })

  test('pages of other sites share nothing', async () => {
    const before = await names()
    for (const headers of [
      { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://elsewhere.example' },
      { 'Sec-Fetch-Site': 'same-site', Origin: 'https://elsewhere.example' },
    ]) {
      const { response } = await share([{ name: 'beach.jpg', bytes: await photo() }], {
        ...bearer,
        ...headers,
      })
      assert.equal(response.status, 403)
    }
    assert.deepEqual(await names(), before)
  })

  test('a form that breaks off adds what was whole before, and nothing of the rest', async () => {
    const before = await names()
    const bytes = await photo()
    const part = (name: string) =>
      `--x\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: image/jpeg\r\n\r\n`
    const body = Buffer.concat([
      Buffer.from(part('whole.jpg')),
      bytes,
      Buffer.from(`\r\n${part('cut.jpg')}`),
      bytes,
    ])
    const headers = { ...bearer, 'Content-Type': 'multipart/form-data; boundary=x', Accept: 'text/html' }
    const response = await fetch(`${server.url}/share-target`, {
      method: 'POST',
      redirect: 'manual',
      headers,
      body,
    })
    assert.equal(response.status, 400)
    assert.deepEqual(await names(), ['whole.jpg', ...before])
  })
})
