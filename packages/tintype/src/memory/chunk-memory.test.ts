import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, IncomingMessage, request } from 'node:http'
import { type AddressInfo, Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { chunkMemory } from './chunk-memory.ts'

const size = 512 * 1024

describe('chunks of a request', () => {
  const server = createServer()
  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  after(() => server.close())

  /** Takes a request and frees each chunk; tells how many bytes were empty afterwards. */
  async function freed(meddle: (req: IncomingMessage) => void, late?: typeof meddle): Promise<number> {
    const { port } = server.address() as AddressInfo
    const outgoing = request({ port, method: 'POST', agent: false })
    outgoing.end(Buffer.alloc(size))
    const [req, res] = await once(server, 'request')
    meddle(req)
    const chunks = chunkMemory(req)
    let bytes = 0
    chunks.listen((chunk) => {
      late?.(req)
      const before = chunk.length
      chunks.free(chunk)
      if (chunk.length === 0) bytes += before
    })
    await once(req, 'end')
    res.end()
    return bytes
  }

  const nothing = () => {}

  test('are freed when nobody else listens', async () => {
    assert.ok((await freed(nothing)) > size / 2)
  })

  const others: Record<string, (req: IncomingMessage) => void> = {
    'listens to data': (req) => req.on('data', nothing),
    'listens to data once': (req) => req.once('data', nothing),
    'reads when it is readable': (req) => req.on('readable', () => req.read()),
    'pipes the request': (req) => req.pipe(new PassThrough()).resume(),
    'listens to the socket': (req) => req.socket.on('data', nothing),
    'has replaced how chunks come in': (req) => {
      const { push } = req
      req.push = (...args) => push.apply(req, args)
    },
    'has replaced how events go out': (req) => {
      const { emit } = req
      req.emit = (...args: Parameters<typeof emit>) => emit.apply(req, args)
    },
  }
  for (const [what, meddle] of Object.entries(others)) {
    test(`are left alone when somebody else ${what}`, async () => {
      assert.equal(await freed(meddle), 0)
    })
  }

  test('are left alone from the moment when somebody else listens', async () => {
    let isLate = false
    const late = (req: IncomingMessage) => {
      if (!isLate) req.once('data', nothing)
      isLate = true
    }
    assert.equal(await freed(nothing, late), 0)
  })

  test('are left alone when the request was made by hand', () => {
    const req = new IncomingMessage(new Socket())
    const bytes = Buffer.from(new ArrayBuffer(size))
    const chunks = chunkMemory(req)
    chunks.listen((chunk) => chunks.free(chunk))
    req.push(bytes)
    req.read()
    assert.equal(bytes.length, size)
  })
})
