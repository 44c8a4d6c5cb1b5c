import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import { type S3Proxy, startS3Proxy } from '@tintype/crash-kit'
import { startLocalS3 } from '@tintype/local-s3'
import { appPolicy, listPolicy } from '../../packages/tintype/src/bucket/policy.ts'
import { keysIn } from './bucket-keys.ts'
import { startServer, type TestServer } from './server.ts'

const app = { accessKeyId: 'app', secretAccessKey: 'secret' }
const auditor = { accessKeyId: 'auditor', secretAccessKey: 'auditor-secret' }
const admin = { accessKeyId: 'admin', secretAccessKey: 'admin-secret' }
const Bucket = 'photos'

export interface BucketServer {
  server: TestServer
  /** Of servers on the same database and bucket. */
  env: Record<string, string>
  /** Another server on the same database and bucket; who starts it stops it. */
  startAnother(): Promise<TestServer>
  /** Before its S3. */
  proxy: S3Proxy
  listed(): Promise<{ id: string }[]>
  /** What is in the bucket, seen past the proxy. */
  keys(): Promise<(string | undefined)[]>
  openUploads(): Promise<unknown[]>
  /** As a lifecycle rule, or somebody else, ends multipart uploads. */
  abortUploads(): Promise<void>
  /** As somebody else deletes what is in the bucket. */
  deleteObjects(): Promise<void>
  /** Until S3 has carried out a request of this kind. */
  seen(method: string, query: RegExp): Promise<void>
  /** No faults, no media. */
  clean(): Promise<void>
  stop(): Promise<void>
}

/** A server whose bucket lies in an S3 beside it, with the identities that we advise and a proxy in between. */
export async function startBucketServer(
  env: Record<string, string>,
  { multipart = true }: { multipart?: boolean } = {},
): Promise<BucketServer> {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-bucket-'))
  const s3 = await startLocalS3({
    directory,
    identities: [
      { ...app, policy: appPolicy(Bucket, { multipart }) },
      { ...auditor, policy: listPolicy(Bucket) },
      admin,
    ],
    buckets: [Bucket],
  })
  const proxy = await startS3Proxy(s3.url)
  const client = new S3Client({
    endpoint: s3.url,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: admin,
  })
  const settings = {
    S3_BUCKET: Bucket,
    S3_ENDPOINT: proxy.url,
    AWS_ACCESS_KEY_ID: app.accessKeyId,
    AWS_SECRET_ACCESS_KEY: app.secretAccessKey,
    AUDIT_ACCESS_KEY_ID: auditor.accessKeyId,
    AUDIT_SECRET_ACCESS_KEY: auditor.secretAccessKey,
    ...env,
  }
  const server = await startServer(settings)

  async function listed() {
    const { media } = (await (await fetch(`${server.url}/api/media`)).json()) as { media: { id: string }[] }
    return media
  }

  return {
    server,
    env: { ...settings, TINTYPE_DATA: server.directory },
    startAnother: () => startServer({ ...settings, TINTYPE_DATA: server.directory }),
    proxy,
    listed,
    keys: async () => keysIn(await client.send(new ListObjectsV2Command({ Bucket }))),
    openUploads: async () => (await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? [],
    async abortUploads() {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }))
      for (const { Key, UploadId } of Uploads)
        await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))
    },
    async deleteObjects() {
      for (const Key of keysIn(await client.send(new ListObjectsV2Command({ Bucket }))))
        await client.send(new DeleteObjectCommand({ Bucket, Key }))
    },
    seen(method, query) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const { after: earlier } = proxy.faults
      proxy.faults.after = async (req, res) => {
        await earlier?.(req, res)
        if (req.method === method && query.test(req.url ?? '')) resolve()
      }
      return promise
    },
    async clean() {
      delete proxy.faults.before
      delete proxy.faults.after
      for (const { id } of await listed()) {
        assert.equal((await fetch(`${server.url}/api/media/${id}`, { method: 'DELETE' })).status, 204)
      }
    },
    async stop() {
      client.destroy()
      await server.stop()
      await proxy.close()
      await s3.close()
      await rm(directory, { recursive: true })
    },
  }
}
