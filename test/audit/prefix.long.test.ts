import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { startLocalS3 } from '@tintype/local-s3'
import type { Media } from '@tintype/protocol'
import express from 'express'
import { createBucket } from '../../packages/tintype/src/bucket/bucket.ts'
import { createBucketListing, MayNotList } from '../../packages/tintype/src/bucket/listing.ts'
import { appPolicy, listPolicy } from '../../packages/tintype/src/bucket/policy.ts'
import { createTestClock } from '../../packages/tintype/src/clock.ts'
import { silentLog } from '../../packages/tintype/src/log.ts'
import { openRecords } from '../../packages/tintype/src/records/records.ts'
import { createAudit, type Finding } from '../../packages/tintype/src/sweep/audit.ts'
import { createTintype } from '../../packages/tintype/src/tintype.ts'
import { photo } from '../media/photos.ts'
import { keysIn } from '../support/bucket-keys.ts'
import { begin, post, send } from '../support/direct.ts'
import { mediaOf, upload } from '../support/server.ts'

const name = 'shared'
const prefixes = ['red/', 'shops/blue/'] as const
const keyOf = (id: string) => ({ accessKeyId: id, secretAccessKey: `${id}-secret` })

/** Each with keys that the policies of its prefix bind. */
describe('two Tintypes in one bucket, under two prefixes', () => {
  let directory: string
  let s3: Awaited<ReturnType<typeof startLocalS3>>
  let admin: S3Client
  let red: Awaited<ReturnType<typeof start>>
  let blue: Awaited<ReturnType<typeof start>>

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tintype-prefix-'))
    s3 = await startLocalS3({
      directory: join(directory, 's3'),
      buckets: [name],
      identities: [
        ...prefixes.flatMap((prefix) => [
          { ...keyOf(`app ${prefix}`), name: 'app', policy: appPolicy(name, { multipart: true, prefix }) },
          { ...keyOf(`lister ${prefix}`), name: 'lister', policy: listPolicy(name, { prefix }) },
        ]),
        keyOf('admin'),
      ],
    })
    admin = new S3Client({
      endpoint: s3.url,
      forcePathStyle: true,
      region: 'us-east-1',
      credentials: keyOf('admin'),
    })
    red = await start(prefixes[0])
    blue = await start(prefixes[1])
  })
  after(async () => {
    await red.stop()
    await blue.stop()
    admin.destroy()
    await s3.close()
    await rm(directory, { recursive: true })
  })

  async function start(prefix: string) {
    const clock = createTestClock(Date.now())
    const database = join(directory, `${prefix.replaceAll('/', '-')}.db`)
    const place = { name, prefix, endpoint: s3.url }
    const lister = { ...place, credentials: keyOf(`lister ${prefix}`) }
    // An app's own provider.
    let asked = 0
    const credentials = async () => {
      asked += 1
      return { ...keyOf(`app ${prefix}`), expiration: new Date(Date.now() + 3_600_000) }
    }
    const tintype = await createTintype({
      bucket: { ...place, credentials, auditCredentials: lister.credentials },
      database,
      authenticate: () => 'ann',
      // What is counted is all there when an upload answers.
      variants: { thumb: { width: 320 } },
      clock,
      log: silentLog,
    })
    const server = createServer(express().use('/api', tintype.router))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      tintype,
      clock,
      asked: () => asked,
      lister,
      async audit(): Promise<{ found: Finding[]; visible: number }> {
        const records = await openRecords(database)
        const bucket = createBucket({ ...place, credentials }, { signReadTtl: 60, now: Date.now })
        const listing = createBucketListing(lister)
        const options = { records, listing, bucket, clock, grace: 0, repair: false, checksums: true }
        const { findings, totals } = createAudit(options)
        const found: Finding[] = []
        for await (const one of findings()) found.push(one)
        listing.close()
        bucket.close()
        await records.close()
        return { found, visible: totals.visible }
      },
      async stop() {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
        await tintype.close()
      },
    }
  }

  async function keys(): Promise<string[]> {
    const keys = keysIn(await admin.send(new ListObjectsV2Command({ Bucket: name })))
    // What a browser wrote goes when it has been copied, a moment later.
    return keys.filter((key) => !key.endsWith('/upload.bin'))
  }

  test('keep to their own keys, by every way in', async () => {
    const made: Media[] = []
    for (const { url, tintype } of [red, blue]) {
      made.push(await mediaOf(await upload(url, { bytes: await photo() })))
      const bytes = await photo()
      const session = await begin(url, bytes)
      assert.ok(session.put)
      assert.equal((await send(session.put, bytes)).status, 200)
      assert.equal((await post(`${url}/api/uploads/${session.id}/complete`)).status, 201)
      await tintype.check()
    }
    for (const { urls } of made) assert.equal((await fetch(urls.original as string)).status, 200)
    const all = await keys()
    for (const prefix of prefixes)
      assert.equal(all.filter((key) => key.startsWith(`${prefix}media/`)).length, 4, all.join('\n'))
    assert.equal(all.length, 8)
    assert.ok(red.asked() > 0)
  })

  test('audit nothing of each other, and find nothing wrong', async () => {
    for (const one of [red, blue]) {
      const { found, visible } = await one.audit()
      assert.deepEqual([found, visible], [[], 4])
    }
  })

  test('remove what is theirs and leave the rest', async () => {
    const { media } = await red.tintype.media.list({ owner: 'ann' })
    for (const { id } of media) await red.tintype.media.remove(id)
    const left = await keys()
    assert.equal(left.filter((key) => key.startsWith('shops/blue/')).length, 4)
    assert.deepEqual((await blue.audit()).found, [])
  })

  test('may neither read, delete nor list beside their prefix', async () => {
    const [theirs = ''] = (await keys()).filter((key) => key.startsWith('shops/blue/'))
    const bucket = createBucket(
      { name, endpoint: s3.url, credentials: keyOf('app red/') },
      { signReadTtl: 60, now: Date.now },
    )
    for (const attempt of [bucket.head, bucket.delete])
      await assert.rejects(attempt(theirs), { code: 'storage_unavailable' })
    bucket.close()
    const listing = createBucketListing(red.lister)
    await assert.rejects(listing.object(theirs), (error) => error instanceof MayNotList)
    listing.close()
  })
})
