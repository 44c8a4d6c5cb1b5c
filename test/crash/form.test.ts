import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { DeleteObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { startLocalS3 } from '@tintype/local-s3'
import { photo } from '../media/photos.ts'
import { type ServerProcess, startProcess } from '../support/process.ts'
import { startS3Proxy } from '../support/s3-proxy.ts'
import { mediaOf, problemOf, upload } from '../support/server.ts'

const credentials = { accessKeyId: 'app', secretAccessKey: 'secret' }

/** Real processes that are killed, and an S3 that breaks: afterwards nothing may be left over or missing. */
describe('crashes and faults on the way to S3', () => {
  let directory: string
  let s3: Awaited<ReturnType<typeof startLocalS3>>
  let proxy: Awaited<ReturnType<typeof startS3Proxy>>
  let client: S3Client
  let jpeg: Buffer
  const servers: ServerProcess[] = []

  before(async () => {
    jpeg = await photo()
    directory = await mkdtemp(join(tmpdir(), 'tintype-crash-'))
    s3 = await startLocalS3({
      directory: join(directory, 's3'),
      identities: [credentials],
      buckets: ['photos'],
    })
    proxy = await startS3Proxy(s3.url)
    client = new S3Client({ endpoint: s3.url, forcePathStyle: true, region: 'us-east-1', credentials })
  })
  after(async () => {
    client.destroy()
    await proxy.close()
    await s3.close()
    await rm(directory, { recursive: true })
  })
  beforeEach(() => {
    delete proxy.faults.before
    delete proxy.faults.after
  })
  afterEach(async () => {
    delete proxy.faults.before
    delete proxy.faults.after
    for (const server of servers.splice(0)) if (server.child.exitCode === null) await server.kill()
    for (const Key of await keys()) await client.send(new DeleteObjectCommand({ Bucket: 'photos', Key }))
  })

  async function start(name: string): Promise<ServerProcess> {
    const server = await startProcess({
      TINTYPE_DATA: join(directory, name),
      S3_BUCKET: 'photos',
      S3_ENDPOINT: proxy.url,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      UPLOAD_DEADLINE: '2',
      SWEEP_GRACE: '1',
    })
    servers.push(server)
    return server
  }
  const keys = async () => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'photos' }))
    return Contents.map((one) => one.Key as string)
  }
  /** Until so many deletions have gone through to S3. */
  function deletions(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    proxy.faults.after = (req) => {
      if (req.method === 'DELETE' && --count === 0) resolve()
    }
    return promise
  }

  test('a kill between put and publish leaves nothing after the next sweep', async () => {
    const server = await start('killed-after-put')
    let puts = 0
    proxy.faults.after = async (req) => {
      if (req.method === 'PUT' && ++puts === 2) await server.kill()
    }
    await assert.rejects(upload(server.url, { bytes: jpeg }))
    assert.equal((await keys()).length, 2)
    const swept = deletions(2)
    const next = await start('killed-after-put')
    await swept
    assert.deepEqual(await keys(), [])
    assert.deepEqual(await (await fetch(`${next.url}/api/media`)).json(), { media: [], next: null })
  })

  test('an upload that was acknowledged outlives a kill, and one repeated with its key is the same', async () => {
    const server = await start('acknowledged')
    const headers = { 'Idempotency-Key': 'once' }
    const media = await mediaOf(await upload(server.url, { bytes: jpeg }, { headers }))
    await server.kill()
    const next = await start('acknowledged')
    const original = await fetch(`${next.url}/api/media/${media.id}/original`)
    assert.deepEqual(Buffer.from(await original.arrayBuffer()), jpeg)
    const again = await upload(next.url, { bytes: jpeg }, { headers })
    assert.equal(again.status, 200)
    assert.equal((await mediaOf(again)).id, media.id)
  })

  test('a kill during DELETE leaves the deletion to the next process', async () => {
    const server = await start('killed-in-delete')
    const media = await mediaOf(await upload(server.url, { bytes: jpeg }))
    proxy.faults.before = (req) => {
      if (req.method !== 'DELETE') return false
      void server.kill()
      return true
    }
    await assert.rejects(fetch(`${server.url}/api/media/${media.id}`, { method: 'DELETE' }))
    delete proxy.faults.before
    const next = await start('killed-in-delete')
    assert.equal((await fetch(`${next.url}/api/media/${media.id}`)).status, 404)
  })

  test('DELETE answers 202 while S3 is away, and the sweeper makes it true later', async () => {
    const server = await start('delete-later')
    const media = await mediaOf(await upload(server.url, { bytes: jpeg }))
    proxy.faults.before = (req, res) => {
      if (req.method === 'DELETE') res.writeHead(503).end()
      return req.method === 'DELETE'
    }
    assert.equal((await fetch(`${server.url}/api/media/${media.id}`, { method: 'DELETE' })).status, 202)
    assert.equal((await fetch(`${server.url}/api/media/${media.id}`)).status, 404)
    const swept = deletions(2)
    delete proxy.faults.before
    await swept
    assert.deepEqual(await keys(), [])
  })

  for (const [what, break_] of [
    ['answers 503 SlowDown', (res) => res.writeHead(503).end('<Error><Code>SlowDown</Code></Error>')],
    ['resets the connection', (res) => res.destroy()],
    [
      'answers 200 with an error inside',
      (res) => res.writeHead(200).end('<Error><Code>InternalError</Code></Error>'),
    ],
  ] as [string, (res: import('node:http').ServerResponse) => void][]) {
    test(`an upload is 503 when S3 ${what}, and nothing is visible`, async () => {
      const server = await start(`fault-${what.length}`)
      proxy.faults.before = (req, res) => {
        if (req.method === 'PUT') break_(res)
        return req.method === 'PUT'
      }
      const response = await upload(server.url, { bytes: jpeg })
      assert.equal(response.status, 503)
      assert.ok(response.headers.get('retry-after'))
      assert.equal((await problemOf(response)).code, 'storage_unavailable')
      assert.deepEqual(await (await fetch(`${server.url}/api/media`)).json(), { media: [], next: null })
    })
  }

  test('DELETE is 202 when S3 answers 200 with an error inside and keeps the object', async () => {
    const server = await start('delete-error-inside')
    const media = await mediaOf(await upload(server.url, { bytes: jpeg }))
    proxy.faults.before = (req, res) => {
      if (req.method === 'DELETE') res.writeHead(200).end('<Error><Code>InternalError</Code></Error>')
      return req.method === 'DELETE'
    }
    assert.equal((await fetch(`${server.url}/api/media/${media.id}`, { method: 'DELETE' })).status, 202)
  })

  test('a put whose reply was lost is made again under another key, and the first is swept', async () => {
    const server = await start('lost-reply')
    let lost = 0
    const swept = Promise.withResolvers<void>()
    proxy.faults.after = (req, res) => {
      if (req.method === 'PUT' && ++lost === 1) res.destroy()
      if (req.method === 'DELETE') swept.resolve()
    }
    const media = await mediaOf(await upload(server.url, { bytes: jpeg }))
    await swept.promise
    assert.equal((await keys()).length, 2)
    assert.equal((await fetch(media.urls.original)).status, 200)
  })

  test('a termination finishes the upload that is under way, then ends with 0', async () => {
    const server = await start('graceful')
    let ended: Promise<number | null> | undefined
    proxy.faults.after = (req) => {
      if (req.method === 'PUT') ended ??= server.terminate()
    }
    assert.equal((await upload(server.url, { bytes: jpeg })).status, 201)
    assert.equal(await ended, 0)
  })
})
