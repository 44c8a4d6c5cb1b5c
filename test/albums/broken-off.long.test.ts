import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { test } from 'node:test'
import type { MediaPage, ShareLinks } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { makeAlbum, share, startAlbums } from './server.ts'

test('a guest’s upload that broke off behind its last byte is counted, and comes into the album, when it is asked for', async () => {
  await using server = await startAlbums({ STALL_TIMEOUT: '1', RATE_GUESTS: 'off' })
  const ann = await server.signedIn('Ann')
  const album = await makeAlbum(ann, 'Wedding')
  const made = await share(ann, album, { kind: 'drop', maxFiles: 1 })
  const guest = await server.guest(made)
  const bytes = await photo()
  const headers = {
    'Tus-Resumable': '1.0.0',
    Cookie: Array.from(guest.cookies, (pair) => pair.join('=')).join('; '),
  }

  async function begin(): Promise<string> {
    const about = { ...headers, 'Upload-Length': String(bytes.length) }
    const begun = await guest.fetch(`${guest.api}/files`, { method: 'POST', headers: about })
    return begun.headers.get('location') ?? ''
  }
  async function breakOff(url: string): Promise<void> {
    const about = { 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' }
    const sending = request(url, { method: 'PATCH', headers: { ...headers, ...about } })
    // In chunks, of which the last, by which a body ends, never comes.
    sending.write(bytes)
    const [answer] = (await once(sending, 'response')) as [IncomingMessage]
    sending.on('error', () => {}).destroy()
    assert.equal(answer.statusCode, 408)
  }

  const [first, second] = [await begin(), await begin()]
  await Promise.all([breakOff(first), breakOff(second)])
  const ask = async (url: string) => (await fetch(url, { method: 'HEAD', headers })).status
  assert.deepEqual([await ask(first), await ask(second)], [200, 403])
  const sent = (await guest.json<MediaPage>(`${guest.api}/media`)).media.map(({ id }) => id)
  assert.deepEqual(sent, [first.split('/').at(-1)])
  const { media } = await ann.json<MediaPage>('/api/media')
  assert.deepEqual(
    media.map(({ id }) => id),
    sent,
  )
  const { links } = await ann.json<ShareLinks>(`/api/albums/${album.id}/links`)
  assert.equal(links[0]?.files, 1)
})
