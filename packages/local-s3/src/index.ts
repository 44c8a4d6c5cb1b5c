import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PolicyDocument } from './policy/index.ts'
import { createHandler } from './server.ts'
import { openStorage } from './storage.ts'

export type { PolicyDocument } from './policy/index.ts'

/** A key pair, and what may be done with it. */
export interface Identity {
  name?: string
  accessKeyId: string
  secretAccessKey: string
  /** An IAM policy document. @default everything is allowed */
  policy?: PolicyDocument
}

export interface LocalS3Options {
  /** Where buckets and objects are kept; made when it is not there. One process at a time. */
  directory: string
  identities: Identity[]
  /** Buckets that are made when they are not there. */
  buckets?: string[]
  /** @default 'us-east-1' */
  region?: string
  /** When mounted below a path of another server, e.g. `/s3`. Signatures cover the whole path. */
  basePath?: string
  /** Milliseconds since the epoch. @default Date.now */
  now?: () => number
  /** One object per request, without secrets. @default nothing is logged */
  log?: (event: Record<string, unknown>) => void
}

export interface LocalS3 {
  /** Answers one request; also to be called for `checkContinue`. */
  handle(req: IncomingMessage, res: ServerResponse): void
  close(): Promise<void>
}

/**
 * An S3 server without its own port: hand requests to `handle`.
 * @throws when the directory is in use by another process
 */
export async function createLocalS3(options: LocalS3Options): Promise<LocalS3> {
  const now = options.now ?? Date.now
  const storage = openStorage(options.directory)
  for (const bucket of options.buckets ?? []) storage.createBucket(bucket, now())
  const handle = createHandler({
    storage,
    identities: new Map(options.identities.map((identity) => [identity.accessKeyId, identity])),
    region: options.region ?? 'us-east-1',
    basePath: options.basePath ?? '',
    now,
    log: options.log ?? (() => {}),
  })
  return { handle, close: async () => storage.close() }
}

/**
 * The same, listening.
 * @example
 * const s3 = await startLocalS3({ directory, identities: [{ accessKeyId: 'k', secretAccessKey: 's' }], buckets: ['b'] })
 * const client = new S3Client({ endpoint: s3.url, forcePathStyle: true, region: 'us-east-1', credentials })
 */
export async function startLocalS3(
  options: LocalS3Options & { port?: number; host?: string },
): Promise<LocalS3 & { url: string; port: number }> {
  const s3 = await createLocalS3(options)
  const server = createServer({ requestTimeout: 0 }, s3.handle)
  server.on('checkContinue', s3.handle)
  const host = options.host ?? '127.0.0.1'
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    ...s3,
    port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      await closed
      await s3.close()
    },
  }
}
