import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Usage } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { problemOf, startServer, type TestServer } from '../support/server.ts'

/** Such an upload begins without its length: what it will need can't be asked for then. */
describe('the quota of an upload whose length comes later', () => {
  let server: TestServer
  const most = 200_000

  before(async () => {
    server = await startServer({ QUOTA_BYTES: String(most) })
  })
  after(() => server.stop())

  const tus = { 'tus-resumable': '1.0.0', 'content-type': 'application/offset+octet-stream' }
  const draft = { 'upload-complete': '?0', 'content-type': 'application/partial-upload' }
  async function begin(headers: Record<string, string>): Promise<string> {
    const response = await fetch(`${server.url}/api/files`, { method: 'POST', headers })
    return response.headers.get('location') as string
  }
  const append = (url: string, at: number, body: BodyInit, headers: Record<string, string>) => {
    const about = { ...headers, 'upload-offset': String(at) }
    return fetch(url, { method: 'PATCH', headers: about, body, duplex: 'half' } as RequestInit)
  }
  const pending = async () => {
    const usage = (await (await fetch(`${server.url}/api/usage`)).json()) as Usage
    return usage.sessionBytes
  }

  for (const [what, creation, headers] of [
    ['tus', { 'tus-resumable': '1.0.0', 'upload-defer-length': '1' }, tus],
    [
      'a piece of tus',
      { 'tus-resumable': '1.0.0', 'upload-defer-length': '1', 'upload-concat': 'partial' },
      tus,
    ],
    ['the draft', { 'upload-complete': '?0', 'content-type': 'image/jpeg' }, draft],
  ] as const) {
    test(`is held to as its bytes come, and when it is told: ${what}`, async () => {
      const url = await begin(creation)
      assert.equal((await append(url, 0, new Uint8Array(most / 2), headers)).status, 204)
      const announced = await append(url, most / 2, new Uint8Array(most), headers)
      assert.deepEqual([announced.status, (await problemOf(announced)).code], [403, 'quota_exceeded'])
      const told = { ...headers, 'upload-length': String(2 * most) }
      assert.equal((await append(url, most / 2, new Uint8Array(1), told)).status, 403)
      const streamed = await append(url, most / 2, new Blob([new Uint8Array(most)]).stream(), headers)
      assert.equal((await problemOf(streamed)).code, 'quota_exceeded')
      const bytes = await pending()
      assert.ok(bytes >= most / 2 && bytes <= most, `${bytes} bytes are kept`)
      const end = await fetch(url, { method: 'DELETE', headers: 'tus-resumable' in creation ? tus : {} })
      assert.deepEqual([end.status, await pending()], [204, 0])
    })
  }

  test('is no hindrance to what has room', async () => {
    const jpeg = await photo()
    const url = await begin({ 'tus-resumable': '1.0.0', 'upload-defer-length': '1' })
    assert.equal((await append(url, 0, new Uint8Array(jpeg.subarray(0, 100)), tus)).status, 204)
    const told = { ...tus, 'upload-length': String(jpeg.length) }
    const done = await append(url, 100, new Uint8Array(jpeg.subarray(100)), told)
    assert.match(done.headers.get('content-location') ?? '', /^\/api\/media\//)
  })
})

for (const [variable, most] of [
  ['QUOTA_MEDIA', 2],
  ['QUOTA_SESSIONS', 2],
] as const)
  test(`pieces that fill ${variable} are put together all the same: what they make takes a place of theirs`, async (t) => {
    const server = await startServer({ [variable]: String(most) })
    t.after(() => server.stop())
    const jpeg = await photo()
    const post = (headers: Record<string, string>, body?: Uint8Array<ArrayBuffer>) =>
      fetch(`${server.url}/api/files`, {
        method: 'POST',
        headers: { 'tus-resumable': '1.0.0', ...headers },
        ...(body ? { body } : {}),
      })
    const piece = async (...range: [number, number]) => {
      const bytes = new Uint8Array(jpeg.subarray(...range))
      const about = { 'upload-concat': 'partial', 'upload-length': String(bytes.length) }
      return post({ 'content-type': 'application/offset+octet-stream', ...about }, bytes)
    }
    const pieces = [await piece(0, 500), await piece(500, jpeg.length)]
    assert.equal((await piece(0, 1)).status, 403)
    const names = pieces.map(({ headers }) => headers.get('location'))
    const done = await post({ 'upload-concat': `final;${names.join(' ')}` })
    assert.equal(done.status, 201, await done.text())
    const { media, sessions } = (await (await fetch(`${server.url}/api/usage`)).json()) as Usage
    assert.deepEqual({ media, sessions }, { media: 1, sessions: 0 })
  })
