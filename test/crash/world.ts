import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { type S3Proxy, startS3Proxy } from '@tintype/crash-kit'
import { appPolicy, listPolicy } from '../../packages/tintype/src/bucket/policy.ts'
import { type PgProxy, startPgProxy } from '../support/pg-proxy.ts'
import { createDatabase } from '../support/postgres.ts'
import { repository, type ServerProcess, startProcess, startS3Process } from '../support/process.ts'
import { type Receiver, startReceiver, webhookSecret } from '../support/receiver.ts'
import { openSql, type Sql } from './sql.ts'

export type DatabaseName = 'sqlite' | 'postgres'

/** A local-s3 of its own process, for any number of worlds. */
export interface Storage {
  url: string
  admin: S3Client
  /** Where Node keeps compiled code: servers start in half the time. */
  compileCache: string
  stop(): Promise<void>
}

/** A bucket and a database, with proxies before both that can break things; servers come and go. */
export interface World {
  database: DatabaseName
  bucket: string
  s3: Storage
  s3Proxy: S3Proxy
  /** Only with Postgres. */
  pgProxy: PgProxy | undefined
  /** The webhook that its servers tell of what happens. */
  receiver: Receiver
  /** The database, past the proxy. */
  sql: Sql
  /** What the servers, and the final sweep, run on. */
  source: string
  /** Whether its servers are apps with hooks. */
  hooked: boolean
  /** Settings of its servers. */
  env: Record<string, string>
  databaseUrl: string
  start(env?: Record<string, string>): Promise<ServerProcess>
  /** No faults from now on; resolves when what was late has arrived. */
  calm(): Promise<void>
  /** Kills the servers that run. */
  killAll(): Promise<void>
  /** Kills what still runs, and removes everything. */
  dispose(): Promise<void>
}

const app = { accessKeyId: 'app', secretAccessKey: 'app-secret' }
/** Finds lost multipart uploads, for the sweeper. */
export const auditor = { accessKeyId: 'auditor', secretAccessKey: 'auditor-secret' }
export const admin = { accessKeyId: 'admin', secretAccessKey: 'admin-secret' }

/** Milliseconds after which a server gives up a connection to Postgres that has stalled. */
const queryTimeout = 4000

/** What others keep in the same bucket, as close to our prefix as can be. Nothing of it may ever be touched. */
export const bystanders = {
  objects: ['media', 'media-of-others/photo.jpg', 'medial/photo.jpg'],
  upload: 'media-of-others/film.mp4',
}

const appWithHooks = fileURLToPath(new URL('app-with-hooks.ts', import.meta.url))

export async function startStorage(): Promise<Storage> {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-crash-s3-'))
  const identities = join(directory, 'identities.json')
  await writeFile(
    identities,
    JSON.stringify([
      { ...app, policy: appPolicy('*', { multipart: true }) },
      { ...auditor, policy: listPolicy('*') },
      admin,
    ]),
  )
  const process = await startS3Process({ directory: join(directory, 'data'), identities })
  const client = new S3Client({
    endpoint: process.url,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: admin,
  })
  const compileCache = join(directory, 'code')
  await fillCompileCache(compileCache, join(directory, 'first'))
  return {
    url: process.url,
    admin: client,
    compileCache,
    async stop() {
      client.destroy()
      await process.stop()
      await rm(directory, { recursive: true })
    },
  }
}

/**
 * @param options.source folder above the packages that are run. @default this repository
 * @param options.env settings of its servers
 * @param options.hooked whether its servers are apps with hooks
 * @param options.lateness milliseconds by which what is late is late
 */
export async function createWorld(
  s3: Storage,
  options: {
    database?: DatabaseName
    source?: string
    env?: Record<string, string>
    lateness?: number
    hooked?: boolean
  } = {},
): Promise<World> {
  const {
    database = 'sqlite',
    source = repository,
    env: settings = {},
    lateness = 300,
    hooked = false,
  } = options
  const directory = await mkdtemp(join(tmpdir(), 'tintype-crash-'))
  const bucket = `world-${randomBytes(6).toString('hex')}`
  await fillBucket(s3.admin, bucket)
  const s3Proxy = await startS3Proxy(s3.url, { lateness })
  const receiver = await startReceiver()
  const own = database === 'postgres' ? await createDatabase() : undefined
  const databaseUrl = own?.url ?? join(directory, 'tintype.db')
  const pgProxy = own && (await startPgProxy(own.url, { lateness }))
  const proxied = pgProxy && new URL(pgProxy.url)
  proxied?.searchParams.set('query_timeout', String(queryTimeout))
  const sql = openSql(databaseUrl)
  const servers = new Set<ServerProcess>()
  const killAll = async () => void (await Promise.all([...servers].map((server) => server.kill())))
  const env = {
    NODE_COMPILE_CACHE: s3.compileCache,
    TINTYPE_DATA: directory,
    DATABASE_URL: proxied?.href ?? databaseUrl,
    S3_BUCKET: bucket,
    S3_ENDPOINT: s3Proxy.url,
    AWS_ACCESS_KEY_ID: app.accessKeyId,
    AWS_SECRET_ACCESS_KEY: app.secretAccessKey,
    AUDIT_ACCESS_KEY_ID: auditor.accessKeyId,
    AUDIT_SECRET_ACCESS_KEY: auditor.secretAccessKey,
    UPLOAD_DEADLINE: '3',
    SWEEP_GRACE: '2',
    WEBHOOK_URL: receiver.url,
    WEBHOOK_SECRET: webhookSecret,
    ...settings,
  }

  return {
    database,
    bucket,
    s3,
    s3Proxy,
    pgProxy,
    receiver,
    sql,
    source,
    hooked,
    env,
    databaseUrl,
    async start(more = {}) {
      const stderr = pgProxy?.faults.pick ? 'ignore' : 'inherit'
      const server = await startProcess(
        { ...env, ...more },
        {
          source,
          stderr,
          ...(hooked ? { program: [appWithHooks] } : {}),
        },
      )
      servers.add(server)
      void server.ended.then(() => servers.delete(server))
      return server
    },
    async calm() {
      delete s3Proxy.faults.pick
      delete s3Proxy.faults.after
      if (pgProxy) delete pgProxy.faults.pick
      receiver.answer = () => undefined
      // That a killed server's connections are closed is news that lies in the sockets already.
      for (let i = 0; i < 3; i++) await new Promise(setImmediate)
      await Promise.all([s3Proxy.idle(), pgProxy?.idle()])
    },
    killAll,
    async dispose() {
      await killAll()
      await Promise.all([s3Proxy.close(), pgProxy?.close(), receiver.close()])
      await own?.drop()
      await rm(directory, { recursive: true })
    },
  }
}

/** Only a process that ends in peace leaves its compiled code behind. */
async function fillCompileCache(compileCache: string, data: string): Promise<void> {
  const server = await startProcess({ TINTYPE_DATA: data, NODE_COMPILE_CACHE: compileCache })
  await server.terminate()
}

/** What we advise, and the right to look for multipart uploads whose id a crash has swallowed. */
async function fillBucket(client: S3Client, Bucket: string): Promise<void> {
  await client.send(new CreateBucketCommand({ Bucket }))
  for (const Key of bystanders.objects) {
    await client.send(new PutObjectCommand({ Bucket, Key, Body: 'not ours' }))
  }
  await client.send(new CreateMultipartUploadCommand({ Bucket, Key: bystanders.upload }))
}
