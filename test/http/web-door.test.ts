import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { getRequestListener } from '@hono/node-server'
import { createTintype, type Tintype } from '../../packages/tintype/src/index.ts'
import { largeVideo } from '../media/videos.ts'

describe('the door of the Web', () => {
  let tintype: Tintype
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tintype-test-'))
    const log = { info() {}, warn() {}, error() {} }
    tintype = await createTintype({ variants: {}, directory, authenticate: () => 'me', log })
  })
  after(async () => {
    await tintype.close()
    await rm(directory, { recursive: true })
  })

  test('a sender is not asked for more than is taken', async () => {
    let asked = 0
    const body = new ReadableStream(
      {
        pull(controller) {
          asked++
          controller.enqueue(Buffer.from('not a photo at all '.repeat(1000)))
        },
      },
      { highWaterMark: 0 },
    )
    const headers = { 'Content-Type': 'application/json', 'Content-Length': '1000000000' }
    const request = new Request('http://app.example/api/uploads', {
      method: 'POST',
      body,
      headers,
      duplex: 'half',
    } as RequestInit)
    const answered = tintype.fetch(request)
    const response = await answered
    assert.equal(response.status, 413)
    // Refused by its length: nothing of it was asked for before the answer was there.
    assert.ok(asked <= 1, String(asked))
    await body.cancel().catch(() => {})
  })

  test('what the embedded S3 refuses before it has come is refused as S3 does, and the connection goes on', async (t) => {
    const listener = getRequestListener((request) => tintype.fetch(request))
    const server = createServer(listener).listen(0, '127.0.0.1')
    t.after(() => server.close())
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const bytes = Buffer.from(await largeVideo(16 * 1024 * 1024))
    const post = async (path: string, body: object) => {
      const headers = { 'Content-Type': 'application/json' }
      return (await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })).json()
    }
    const upload = await post('/api/uploads', { name: 'a.mp4', type: 'video/mp4', size: bytes.length })
    const part = bytes.subarray(0, upload.multipart.partSize)
    const asked = { parts: [{ number: 1, sha256: createHash('sha256').update(part).digest('hex') }] }
    const { parts } = await post(`/api/uploads/${upload.id}/parts`, asked)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const put = async (body: Buffer) => {
      const outgoing = request(parts[0].url, { method: 'PUT', agent, headers: parts[0].headers })
      outgoing.end(body)
      const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
      return [answer.statusCode, /<Code>(.*)<\/Code>/.exec(await text(answer))?.[1]]
    }
    assert.deepEqual(await put(part.subarray(1)), [403, 'SignatureDoesNotMatch'])
    assert.deepEqual(await put(part), [200, undefined])
    agent.destroy()
  })
})
