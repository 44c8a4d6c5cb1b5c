import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import type { PartsRequest } from '@tintype/protocol'
import { createUploadApi } from './api.ts'
import { createQueue } from './queue.ts'
import { createSigner } from './signer.ts'

/** A server whose URLs last this many seconds, and that records its requests. */
async function startSigning(seconds: number, failures = 0) {
  const asked: PartsRequest[] = []
  const server = createServer(async (req, res) => {
    const body = JSON.parse(await text(req)) as PartsRequest
    asked.push(body)
    if (failures-- > 0) return void res.writeHead(503).end('{}')
    const url = `http://s3/key?X-Amz-Expires=${seconds}`
    res.end(JSON.stringify({ parts: body.parts.map(({ number }) => ({ number, url, headers: {} })) }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    asked,
    api: createUploadApi({ endpoint }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const part = (number: number) => ({ number, sha256: 'a'.repeat(64) })

test('parts that have arrived are told with the next request, and once; the rest with the flush', async () => {
  await using server = await startSigning(900, 1)
  const signer = createSigner(server.api, 's', () => 0)
  signer.arrived(1, '"one"')
  await assert.rejects(signer.sign([part(2)]))
  await signer.sign([part(2)])
  await signer.sign([part(3)])
  signer.arrived(2, '"two"')
  await signer.flush()
  await signer.flush()
  assert.deepEqual(
    server.asked.map(({ parts, stored }) => [parts.map(({ number }) => number), stored]),
    [
      [[2], [{ number: 1, etag: '"one"' }]],
      [[2], [{ number: 1, etag: '"one"' }]],
      [[3], undefined],
      [[], [{ number: 2, etag: '"two"' }]],
    ],
  )
})

test('a URL is fresh for nine tenths of its time, by our own clock', async () => {
  await using server = await startSigning(100)
  let now = 5_000_000
  const signer = createSigner(server.api, 's', () => now)
  const [signed] = await signer.sign([part(1)])
  assert(signed)
  now += 89_000
  assert(signer.isFresh(signed))
  now += 2000
  assert(!signer.isFresh(signed))
})

test('a queue hands everything on once, and ends for all who wait', async () => {
  const queue = createQueue<number>()
  const got: number[] = []
  const takers = [1, 2, 3].map(async () => {
    for (let one = await queue.take(); one !== undefined; one = await queue.take()) got.push(one)
  })
  queue.push([1, 2, 3, 4, 5])
  await queue.below(1)
  queue.push([6])
  queue.end()
  await Promise.all(takers)
  assert.deepEqual(got, [1, 2, 3, 4, 5, 6])
})

test('a queue that is stopped gives nothing more', async () => {
  const queue = createQueue<number>()
  queue.push([1, 2])
  const full = queue.below(1)
  queue.stop()
  await full
  assert.equal(await queue.take(), undefined)
})
