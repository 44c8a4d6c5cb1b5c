import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import { type S3Proxy, startS3Proxy } from '@tintype/crash-kit'
import { startLocalS3 } from '@tintype/local-s3'
import express, { type Express } from 'express'
import { appPolicy, type PolicyDocument } from '../../packages/tintype/src/bucket/policy.ts'
import { createTestClock } from '../../packages/tintype/src/clock.ts'
import { createLog } from '../../packages/tintype/src/log.ts'
import { createTintype, type Tintype, type TintypeOptions } from '../../packages/tintype/src/tintype.ts'
import { keysIn } from './bucket-keys.ts'
import { headerOf, routerOf } from './door.ts'

const admin = { accessKeyId: 'admin', secretAccessKey: 'admins-secret' }
export const appCredentials = { accessKeyId: 'app', secretAccessKey: 'apps-secret' }
export const bucketName = 'photos'

/** An app with Tintype in it, a storage of its own behind a proxy that breaks things, and a clock to move. */
export interface StorageApp {
  url: string
  tintype: Tintype
  /** Of a second one, on the same database and bucket. */
  otherUrl: string
  proxy: S3Proxy
  clock: ReturnType<typeof createTestClock>
  log: string[]
  database: string
  /** What is in the bucket, asked as its administrator. */
  keys(): Promise<string[]>
  /** The content type that an object is stored with. */
  typeOf(key: string): Promise<string | undefined>
  openMultiparts(): Promise<string[]>
  /** Open connections of the first app. */
  connections(): Promise<number>
  stop(): Promise<void>
}

/**
 * Users tell who they are by the header `X-User`; without it, they are `ann`.
 *
 * @param options.policy of the app's key. @default what we advise
 * @param options.routes adds those of the app itself
 */
export async function startStorageApp({
  policy = appPolicy(bucketName, { multipart: true }),
  publicHost,
  routes,
  ...options
}: Partial<Omit<TintypeOptions, 'database'>> & {
  database?: string
  policy?: PolicyDocument
  publicHost?: string
  routes?: AddRoutes
} = {}): Promise<StorageApp> {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-app-'))
  const clock = createTestClock(Date.now())
  const s3 = await startLocalS3({
    directory: join(directory, 's3'),
    identities: [{ ...appCredentials, policy }, admin],
    buckets: [bucketName],
  })
  const proxy = await startS3Proxy(s3.url)
  const log: string[] = []
  const database = options.database ?? join(directory, 'tintype.db')
  const start = () =>
    startApp(
      {
        bucket: {
          name: bucketName,
          endpoint: proxy.url,
          publicEndpoint: publicHost === undefined ? undefined : s3.url.replace('127.0.0.1', publicHost),
          credentials: appCredentials,
        },
        authenticate: (request) => headerOf(request, 'x-user') ?? 'ann',
        clock,
        log: createLog((line) => log.push(line), clock.now),
        // None that are made in the background, so that tests know what is in the bucket.
        variants: { thumb: { width: 320 } },
        ...options,
        database,
      },
      routes,
    )
  const apps = [await start(), await start()] as const
  const client = new S3Client({
    endpoint: s3.url,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: admin,
  })

  return {
    url: apps[0].url,
    tintype: apps[0].tintype,
    connections: apps[0].connections,
    otherUrl: apps[1].url,
    proxy,
    clock,
    log,
    database,
    async keys() {
      return keysIn(await client.send(new ListObjectsV2Command({ Bucket: bucketName })))
    },
    async typeOf(key) {
      return (await client.send(new HeadObjectCommand({ Bucket: bucketName, Key: key }))).ContentType
    },
    async openMultiparts() {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucketName }))
      return Uploads.map((one) => one.Key as string)
    },
    async stop() {
      for (const one of apps) await one.stop()
      client.destroy()
      await proxy.close()
      await s3.close()
      await rm(directory, { recursive: true })
    },
  }
}

type AddRoutes = (app: Express, tintype: Tintype) => void

async function startApp(options: TintypeOptions, addRoutes?: AddRoutes) {
  const tintype = await createTintype(options)
  const app = express()
    .use('/api', routerOf(tintype))
    .use('/parsed', express.json({ limit: '2mb' }), tintype.router)
  addRoutes?.(app, tintype)
  // On a busy machine the timers of `fetch` run late: it would use connections that are just being closed here.
  const server = createServer({ keepAliveTimeout: 60_000 }, app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tintype,
    connections: promisify(server.getConnections.bind(server)),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await tintype.close()
    },
  }
}
