import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createAgents } from './agents.ts'
import { createReading } from './get.ts'
import { createSender, type Sender } from './send.ts'
import { createHeaderSigner } from './sign.ts'

const big = Buffer.alloc(4 * 1024 * 1024, 'x')

describe('an object that is read as it comes', () => {
  const server = createServer((req, res) => answer(req, res))
  let answer: (req: IncomingMessage, res: ServerResponse) => void
  const senders: Sender[] = []
  let reading: ReturnType<typeof createReading>
  /** For silence alone: a busy machine may take longer than this over anything. */
  let limited: ReturnType<typeof createReading>
  const ports = new Set<number | undefined>()
  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const signer = createHeaderSigner({
      bucket: 'photos',
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentials: async () => ({ accessKeyId: 'k', secretAccessKey: 's' }),
    })
    const readingWith = (idle: number) => {
      const sender = createSender(signer, { now: Date.now, idle, agents: createAgents(undefined, 1) })
      senders.push(sender)
      return createReading(sender)
    }
    reading = readingWith(15_000)
    limited = readingWith(200)
  })
  after(() => {
    for (const sender of senders) sender.close()
    server.close()
    server.closeAllConnections()
  })
  const whole = (req: IncomingMessage, res: ServerResponse) => {
    ports.add(req.socket.remotePort)
    res.writeHead(200, { etag: '"e"' }).end(big)
  }
  async function sizeOf(body: AsyncIterable<Uint8Array>): Promise<number> {
    let size = 0
    for await (const piece of body) size += piece.length
    return size
  }

  test('comes whole, and its connection is used again', async () => {
    answer = whole
    for (let i = 0; i < 3; i++) assert.equal(await sizeOf(await reading.open('k')), big.length)
    assert.equal(ports.size, 1)
  })

  test('is closed when reading stops, and when it never begins', async () => {
    const closed = async (use: (body: AsyncIterable<Uint8Array>) => Promise<unknown>, { open } = reading) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      answer = (req, res) => {
        req.socket.once('close', () => resolve())
        // Never all of it: a reader that goes on would wait.
        res.writeHead(200, { etag: '"e"', 'content-length': 10 * big.length }).write(big)
      }
      await use(await open('k'))
      await promise
    }
    await closed(async (body) => {
      for await (const _ of body) break
    })
    // A body that is never read does not hold a connection.
    await closed(async () => {}, limited)
    answer = whole
    assert.equal(await sizeOf(await reading.open('k')), big.length)
  })

  test('waits for a reader that takes longer over a piece than S3 may', async () => {
    answer = whole
    let size = 0
    for await (const piece of await limited.open('k')) {
      if (size === 0) await new Promise((resolve) => setTimeout(resolve, 400))
      size += piece.length
    }
    assert.equal(size, big.length)
  })

  for (const [what, how, why] of [
    ['S3 stops', (_: IncomingMessage) => {}, /did nothing for 200 ms/],
    ['the connection is cut', (req: IncomingMessage) => void req.socket.destroy(), /aborted|did nothing/],
  ] as const) {
    test(`breaks off as unavailable when ${what} half-way`, async () => {
      answer = (req, res) =>
        void res.writeHead(200, { etag: '"e"', 'content-length': 10 }).write('half', () => how(req))
      await assert.rejects(sizeOf(await limited.open('k')), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'storage_unavailable')
        return why.test(String(error.cause))
      })
    })
  }

  test('that comes byte by byte is given up, as it comes and into memory', async () => {
    answer = (_req, res) => {
      res.writeHead(200, { etag: '"e"', 'content-length': 1000 })
      const timer = setInterval(() => res.write('x'), 20)
      res.once('close', () => clearInterval(timer))
    }
    const isSlow = ({ cause }: Error) => /S3 sent \d+ bytes in \d+ ms/.test(String(cause))
    await assert.rejects(async () => sizeOf(await limited.open('k')), isSlow)
    await assert.rejects(limited.read('k', { range: { start: 0, end: 1000 } }), isSlow)
  })

  test('ends with the signal of the caller, before the answer and after it', async () => {
    const controller = new AbortController()
    answer = () => controller.abort(new Error('Enough.'))
    await assert.rejects(reading.open('k', { signal: controller.signal }), ({ cause }: Error) =>
      /Enough/.test(String(cause)),
    )
    const later = new AbortController()
    answer = (_req, res) => void res.writeHead(200, { etag: '"e"', 'content-length': 10 }).write('half')
    const body = await reading.open('k', { signal: later.signal })
    const read = sizeOf(body)
    later.abort(new Error('Enough.'))
    await assert.rejects(read, ({ cause }: Error) => /Enough/.test(String(cause)))
  })

  test('is refused with the reason, and a page of a gateway is no object', async () => {
    answer = (_req, res) => void res.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>')
    await assert.rejects(reading.open('k'), ({ cause }: Error) => (cause as Error).name === 'NoSuchKey')
    answer = (_req, res) => void res.writeHead(200).end('<html>Sign in.</html>')
    await assert.rejects(reading.open('k'), ({ cause }: Error) => /without an ETag/.test(String(cause)))
    answer = (_req, res) => void res.writeHead(503).end('x'.repeat(1024 * 1024))
    await assert.rejects(reading.open('k'), ({ cause }: Error) => /more than 65536 bytes/.test(String(cause)))
  })
})
