import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { createAgents } from './agents.ts'
import { createSender, type Sender } from './send.ts'
import { createHeaderSigner } from './sign.ts'

const region = 'eu-west-1'
const credentials = { accessKeyId: 'AKIA/1', secretAccessKey: 'secret', sessionToken: 't+/=' }
const key = 'media/nEc1/original (1).jpg'
const bytes = Buffer.from('hello')
const payload = createHash('sha256').update(bytes).digest('hex')

for (const [endpoint, region] of [
  ['http://localhost:9000/s3', 'us-east-1'],
  [undefined, 'eu-west-1'],
  [undefined, 'cn-north-1'],
] as const) {
  test(`headers are signed as the SDK signs them, on ${endpoint ?? 'AWS'}, ${region}`, async () => {
    const theirs = await requestOfTheSdk(endpoint, region)
    const { authorization = '', host: _, ...others } = theirs.headers
    const signed = /SignedHeaders=([^,]*)/.exec(authorization)?.[1]?.split(';') ?? []
    const mine = createHeaderSigner({
      bucket: 'photos',
      region,
      endpoint,
      credentials: async () => credentials,
    })
    const ours = await mine.sign({
      method: 'PUT',
      key,
      query: theirs.query,
      headers: Object.fromEntries(Object.entries(others).filter(([name]) => signed.includes(name))),
      payload: theirs.headers['x-amz-content-sha256'] as string,
      time: Date.parse(
        (theirs.headers['x-amz-date'] as string).replace(/(....)(..)(..T..)(..)(..)/, '$1-$2-$3:$4:$5'),
      ),
    })
    assert.equal(ours.headers.authorization, authorization)
    assert.equal(ours.headers.host, theirs.headers.host)
    assert.equal(ours.path.split('?')[0], theirs.path)
  })
}

describe('bytes on their way to S3', () => {
  const server = createServer((req, res) => answer(req, res))
  let answer: (req: IncomingMessage, res: ServerResponse) => void
  let sender: Sender
  /** For silence alone: a busy machine may take longer than this over anything. */
  let limited: Sender
  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const signer = createHeaderSigner({
      bucket: 'photos',
      region,
      endpoint,
      credentials: async () => credentials,
    })
    const senderWith = (idle: number) =>
      createSender(signer, { now: Date.now, idle, agents: createAgents(undefined, 2) })
    sender = senderWith(15_000)
    limited = senderWith(300)
  })
  after(() => {
    sender.close()
    limited.close()
    server.close()
    server.closeAllConnections()
  })
  const put = (more = {}, by = sender) => by.put({ key, headers: {}, payload, bytes, ...more })

  test('arrive with their headers, and connections are used again', async () => {
    const seen: unknown[] = []
    const ports = new Set<number | undefined>()
    answer = async (req, res) => {
      ports.add(req.socket.remotePort)
      let body = ''
      for await (const chunk of req) body += chunk
      seen.push([req.method, req.url, req.headers['content-type'], req.headers['x-amz-security-token'], body])
      res.writeHead(200, { etag: '"e"' }).end()
    }
    for (let i = 0; i < 3; i++) {
      assert.equal(
        await put({ query: { partNumber: '1' }, headers: { 'content-type': 'image/jpeg' } }),
        '"e"',
      )
    }
    const one = [
      'PUT',
      '/photos/media/nEc1/original%20%281%29.jpg?partNumber=1',
      'image/jpeg',
      't+/=',
      'hello',
    ]
    assert.deepEqual(seen, [one, one, one])
    assert.equal(ports.size, 1)
  })

  test('are not taken for stored when S3 refuses, or answers 200 with an error inside', async () => {
    for (const status of [503, 200]) {
      answer = (_req, res) =>
        void res.writeHead(status).end('<Error><Code>SlowDown</Code><Message>Reduce.</Message></Error>')
      await assert.rejects(put(), { name: 'SlowDown', message: 'Reduce.', status })
    }
    answer = (_req, res) => void res.writeHead(200).end()
    await assert.rejects(put(), { name: 'S3Refusal', status: 200 })
  })

  test('fail when S3 does nothing, hangs up, or talks without end; and when the caller gives up', async () => {
    answer = () => {}
    await assert.rejects(put({}, limited), /did nothing for 300 ms/)
    answer = (req) => void req.socket.destroy()
    await assert.rejects(put())
    answer = (_req, res) => void res.writeHead(200, { 'content-length': 10 }).write('<')
    await assert.rejects(put({}, limited), /did nothing/)
    const controller = new AbortController()
    answer = () => controller.abort(new Error('Enough.'))
    await assert.rejects(put({ signal: controller.signal }), /Enough/)
    await assert.rejects(put({ signal: controller.signal }), /Enough/)
  })

  test('an answer that is longer than it may be is refused, a reason why not is heard', async () => {
    const few = () => sender.send({ method: 'GET', key, longest: 3 })
    for (const send of [
      // In one packet with its end, which gives the connection back to the agent in the same turn.
      (res: ServerResponse) => res.writeHead(200, { 'content-length': 4 }).end('four'),
      (res: ServerResponse) => res.writeHead(200).write('four', () => res.end('more')),
    ]) {
      answer = (_req, res) => void send(res)
      await assert.rejects(few(), /more than 3 bytes/)
    }
    answer = (_req, res) => void res.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>')
    await assert.rejects(few(), { name: 'AccessDenied' })
    answer = (_req, res) => void res.writeHead(200).end('few')
    assert.equal(String((await few()).body), 'few')
  })

  test('are not read any more once an early refusal has been reported', async () => {
    answer = (_req, res) => void res.writeHead(503, { 'content-length': 0 }).end()
    const memory = new ArrayBuffer(0, { maxByteLength: 64 * 1024 * 1024 })
    memory.resize(64 * 1024 * 1024)
    await assert.rejects(put({ bytes: Buffer.from(memory), payload: 'UNSIGNED-PAYLOAD' }))
    memory.resize(0)
    answer = (_req, res) => void res.writeHead(200, { etag: '"e"' }).end()
    assert.equal(await put(), '"e"')
  })
})

async function requestOfTheSdk(endpoint: string | undefined, region: string) {
  const { promise, resolve } = Promise.withResolvers<SdkRequest>()
  const client = new S3Client({
    region,
    credentials,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    requestHandler: {
      handle: async (request: SdkRequest) => {
        resolve(request)
        throw new Error('Nothing is sent.')
      },
    } as never,
    maxAttempts: 1,
    ...(endpoint ? { endpoint, forcePathStyle: true } : {}),
  })
  const command = new PutObjectCommand({
    Bucket: 'photos',
    Key: key,
    Body: bytes,
    ContentType: 'image/jpeg',
    ChecksumSHA256: Buffer.from(payload, 'hex').toString('base64'),
  })
  await assert.rejects(client.send(command), /Nothing is sent/)
  client.destroy()
  return promise
}

interface SdkRequest {
  path: string
  query: Record<string, string>
  headers: Record<string, string>
}
