import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { startLocalS3 } from '@tintype/local-s3'
import { createBucket } from '../../packages/tintype/src/bucket/bucket.ts'
import { createKeys } from '../../packages/tintype/src/bucket/keys.ts'
import { createBucketListing } from '../../packages/tintype/src/bucket/listing.ts'
import { appPolicy, listPolicy } from '../../packages/tintype/src/bucket/policy.ts'
import { createTestClock } from '../../packages/tintype/src/clock.ts'
import { randomId } from '../../packages/tintype/src/ids.ts'
import { silentLog } from '../../packages/tintype/src/log.ts'
import type { PublishedMedia } from '../../packages/tintype/src/records/ledger-types.ts'
import { openRecords, type Records } from '../../packages/tintype/src/records/records.ts'
import { type AuditOptions, createAudit, type Finding } from '../../packages/tintype/src/sweep/audit.ts'
import { createSweeper } from '../../packages/tintype/src/sweep/sweeper.ts'

const { makeKey } = createKeys()

export const app = { accessKeyId: 'app', secretAccessKey: 'app-secret' }
export const auditor = { accessKeyId: 'auditor', secretAccessKey: 'auditor-secret' }
export const admin = { accessKeyId: 'admin', secretAccessKey: 'admin-secret' }
const hour = 3_600_000
const smallestPart = 5 * 1024 * 1024

/** An S3 with the identities that production has, for all tests of a file. */
export async function startStorage() {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-audit-'))
  const s3 = await startLocalS3({
    directory: join(directory, 's3'),
    identities: [
      { ...app, name: 'app', policy: appPolicy('*', { multipart: true }) },
      { ...auditor, name: 'auditor', policy: listPolicy('*') },
      { ...admin, name: 'admin' },
    ],
  })
  const client = new S3Client({
    endpoint: s3.url,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: admin,
  })
  return {
    url: s3.url,
    directory,
    client,
    async createBucket(): Promise<string> {
      const name = `photos-${randomBytes(6).toString('hex')}`
      await client.send(new CreateBucketCommand({ Bucket: name }))
      return name
    },
    async close() {
      client.destroy()
      await s3.close()
      await rm(directory, { recursive: true })
    },
  }
}

export type Storage = Awaited<ReturnType<typeof startStorage>>

/** A bucket and a ledger that belong together, and the parts of Tintype that work on them. */
export async function createSetting(storage: Storage, database: string) {
  const name = await storage.createBucket()
  const place = { name, endpoint: storage.url }
  const records = await openRecords(database)
  // Ahead of S3's clock, so that everything in the bucket is older than the grace period.
  const clock = createTestClock(Date.now() + 2 * hour)
  const bucket = createBucket({ ...place, credentials: app }, { signReadTtl: 60, now: Date.now })
  const listing = createBucketListing({ ...place, credentials: auditor })
  const sweeper = createSweeper({ records, bucket, clock, log: silentLog, grace: 1000 })

  return {
    name,
    records,
    bucket,
    listing,
    clock,
    sweeper,

    put: (key: string, bytes: Uint8Array = Buffer.from(key)) =>
      bucket.put(key, bytes, { type: 'image/jpeg', sha256: sha256(bytes) }),

    /** Another program with permission to write. */
    delete: (key: string) => storage.client.send(new DeleteObjectCommand({ Bucket: name, Key: key })),

    /** In two parts, so that S3 knows no checksum of the whole. */
    async putInParts(key: string, bytes: Buffer) {
      const at = { Bucket: name, Key: key }
      const { UploadId } = await storage.client.send(new CreateMultipartUploadCommand(at))
      const parts = [bytes.subarray(0, smallestPart), bytes.subarray(smallestPart)]
      const Parts = await Promise.all(
        parts.map(async (Body, index) => {
          const part = { PartNumber: index + 1, Body }
          const { ETag } = await storage.client.send(new UploadPartCommand({ ...at, UploadId, ...part }))
          return { PartNumber: part.PartNumber, ETag }
        }),
      )
      const MultipartUpload = { Parts }
      await storage.client.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload }))
    },

    /** A photo with a thumb, as an upload leaves it. */
    async publish(): Promise<PublishedMedia['media'] & { thumb: string }> {
      const one = newMedia(clock.now() + hour)
      await records.ledger.reserve(
        one.pending.map((held) => held.key),
        clock.now() + hour,
      )
      const thumb = one.variants[0]?.key ?? ''
      await this.put(one.media.key, Buffer.from(one.media.id))
      await this.put(thumb, Buffer.from('thumb'))
      await records.ledger.publish([one])
      return { ...one.media, thumb }
    },

    /** What an audit finds, and counts. */
    async audit(options: Partial<AuditOptions> = {}) {
      const parts = { records, listing, bucket, clock, grace: hour, repair: false, checksums: false }
      const { findings, totals } = createAudit({ ...parts, ...options })
      const found: Finding[] = []
      for await (const finding of findings()) found.push(finding)
      return { found, totals }
    },

    /** The sweeper until there is nothing left to do, time moving on as it needs. */
    async sweepAll() {
      for (let due = await records.sweep.nextDue(); due !== undefined; due = await records.sweep.nextDue()) {
        clock.advance(Math.max(due - clock.now(), 0))
        await sweeper.sweepDue()
      }
    },

    async close() {
      listing.close()
      bucket.close()
      await records.close()
    },
  }
}

export type Setting = Awaited<ReturnType<typeof createSetting>>

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export function newMedia(dueAt: number): PublishedMedia {
  const id = randomId()
  const original = makeKey('original', 'jpg')
  const thumb = makeKey('thumb', 'webp')
  return {
    media: {
      id,
      owner: 'somebody',
      key: original,
      kind: 'image',
      type: 'image/jpeg',
      bytes: id.length,
      sha256: sha256(Buffer.from(id)),
      width: 1,
      height: 1,
      duration: null,
      name: 'a.jpg',
      caption: null,
      alt: null,
      data: null,
      revision: 1,
      placeholder: null,
      created_at: dueAt,
      request_key: null,
      request_index: null,
      request_hash: null,
      claimed_by: null,
      expires_at: null,
      writable_until: null,
    },
    variants: [
      { media_id: id, name: 'thumb', key: thumb, type: 'image/webp', bytes: 5, width: 1, height: 1 },
    ],
    pending: [original, thumb].map((key) => ({ key, dueAt })),
  }
}

/** Records whose `named` does something first: what happens between one look and the next. */
export function before(records: Records, work: () => Promise<unknown>): Records {
  let done = false
  const named: Records['audit']['named'] = async (keys) => {
    if (!done && keys.length > 0) {
      done = true
      await work()
    }
    return records.audit.named(keys)
  }
  return { ...records, audit: { ...records.audit, named } }
}
