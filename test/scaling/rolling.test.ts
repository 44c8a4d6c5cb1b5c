import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { skipWithoutPostgres } from '../support/postgres.ts'
import { mediaOf, upload } from '../support/server.ts'
import { until } from '../support/until.ts'
import { startBalancer } from './balancer.ts'
import { type Cluster, createCluster, type Node } from './cluster.ts'

describe('a rolling restart', { skip: skipWithoutPostgres }, () => {
  let cluster: Cluster
  let jpeg: Buffer

  before(async () => {
    cluster = await createCluster()
    jpeg = await photo()
  })
  after(() => cluster.close())

  test('of all processes, one after the other and under load, fails no request', async () => {
    const start = () => cluster.start({ SHUTDOWN_DELAY: '1' })
    const nodes = await Promise.all([start(), start(), start()])
    const balancer = await startBalancer()
    for (const node of nodes) await balancer.add(node.url)
    let going = true
    const kept = new Set<string>()
    const failures: string[] = []
    let requests = 0

    async function expect(response: Promise<Response>, status: number): Promise<Response | undefined> {
      requests += 1
      const answer = await response.catch((error: Error) => error)
      if (answer instanceof Response && answer.status === status) return answer
      failures.push(
        answer instanceof Response ? `${answer.status} ${await answer.text()}` : String(answer.cause),
      )
      return undefined
    }
    async function client(): Promise<void> {
      while (going || requests < 100) {
        const made = await expect(upload(balancer.url, { bytes: jpeg }), 201)
        if (!made) continue
        const { id } = await mediaOf(made)
        await expect(fetch(`${balancer.url}/api/media/${id}`), 200)
        await expect(fetch(`${balancer.url}/api/media?limit=5`), 200)
        if (requests % 2 === 0) kept.add(id)
        else await expect(fetch(`${balancer.url}/api/media/${id}`, { method: 'DELETE' }), 204)
      }
    }
    const clients = Promise.all(Array.from({ length: 6 }, client))
    for (const node of nodes) {
      const next = await start()
      await balancer.add(next.url)
      assert.equal(await node.terminate(), 0)
      balancer.remove(node.url)
    }
    going = false
    await clients
    assert.deepEqual(failures, [])
    assert.ok(kept.size > 0)
    for (const id of kept) {
      const media = (await (await fetch(`${balancer.url}/api/media/${id}`)).json()) as Media
      const original = await fetch(media.urls.original)
      assert.deepEqual(Buffer.from(await original.arrayBuffer()), jpeg)
    }
    await balancer.close()
    assert.deepEqual(await cluster.audit(), [])
  })

  test('says so before the port closes, serves on meanwhile, and ends kept connections', async () => {
    const node: Node = await cluster.start({ SHUTDOWN_DELAY: '2' })
    const ended = node.terminate()
    const ready = await until(
      () => fetch(`${node.url}/readyz`),
      ({ status }) => status !== 200,
    )
    assert.equal(ready.status, 503)
    assert.equal(ready.headers.get('connection'), 'close')
    assert.equal((await fetch(`${node.url}/healthz`)).status, 200)
    const made = await upload(node.url, { bytes: jpeg })
    assert.equal(made.status, 201)
    assert.equal(made.headers.get('connection'), 'close')
    assert.equal(await ended, 0)
    await assert.rejects(fetch(`${node.url}/healthz`))
  })

  test('lets an upload end that is under way when the port closes', async () => {
    const node = await cluster.start()
    const boundary = 'b'
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n`
    const tail = `\r\n--${boundary}--\r\n`
    const answered = Promise.withResolvers<number | undefined>()
    const sending = request(`${node.url}/api/media`, {
      method: 'POST',
      headers: {
        'Content-Type': `multipart/form-data; boundary=${boundary}`,
        'Content-Length': head.length + jpeg.length + tail.length,
        Expect: '100-continue',
      },
    })
    sending.on('response', (response) => {
      response.resume()
      answered.resolve(response.statusCode)
    })
    sending.on('error', answered.reject)
    sending.flushHeaders()
    // The server waits for the body now.
    await new Promise((resolve) => sending.once('continue', resolve))
    sending.write(head)
    const ended = node.terminate()
    await until(() =>
      fetch(`${node.url}/healthz`).then(
        () => false,
        () => true,
      ),
    )
    sending.end(Buffer.concat([jpeg, Buffer.from(tail)]))
    assert.equal(await answered.promise, 201)
    assert.equal(await ended, 0)
  })
})
