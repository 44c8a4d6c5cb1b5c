import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { createLocalS3, startLocalS3 } from '@tintype/local-s3'
import type { BucketOptions } from './bucket/bucket.ts'
import { appPolicy } from './bucket/policy.ts'
import { TintypeError } from './errors.ts'

const name = 'tintype'

/**
 * What we advise on AWS, and one more: to find multipart uploads whose id a crash has swallowed. On AWS the
 * bucket's lifecycle rule ends those.
 */
const { Version, Statement } = appPolicy(name, { multipart: true })
const policy = {
  Version,
  Statement: [
    ...Statement,
    {
      Sid: 'TintypeStrays',
      Effect: 'Allow' as const,
      Action: ['s3:ListBucketMultipartUploads'],
      Resource: [`arn:aws:s3:::${name}`],
    },
  ],
}

export interface EmbeddedBucket {
  bucket: BucketOptions
  close(): Promise<void>
}

/** An S3 server of our own on a loopback port, with its objects below `directory`. */
export async function startEmbeddedBucket(directory: string): Promise<EmbeddedBucket> {
  const { app, identities } = readIdentities(directory)
  const s3 = await opened(startLocalS3({ directory: join(directory, 's3'), identities, buckets: [name] }))
  return { bucket: { name, endpoint: s3.url, credentials: app }, close: () => s3.close() }
}

/** The same below a path of a server that listens already. */
export async function mountEmbeddedBucket(
  directory: string,
  addresses: { endpoint: string; publicEndpoint: string; basePath: string },
): Promise<EmbeddedBucket & { handle(req: IncomingMessage, res: ServerResponse): void }> {
  const { app, identities } = readIdentities(directory)
  const { endpoint, publicEndpoint, basePath } = addresses
  const s3 = await opened(
    createLocalS3({ directory: join(directory, 's3'), identities, buckets: [name], basePath }),
  )
  return {
    bucket: { name, endpoint, publicEndpoint, credentials: app },
    handle: (req, res) => s3.handle(req, res),
    close: () => s3.close(),
  }
}

/** Mostly it is another server on the same folder: a sentence says so, without a stack. */
async function opened<T>(opening: Promise<T>): Promise<T> {
  try {
    return await opening
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TintypeError('storage_unavailable', `The embedded S3 can't be opened: ${reason}`, { cause })
  }
}

/** Two keys, made at the first start: the app's with its small policy, and one for looking into the bucket. */
function readIdentities(directory: string) {
  const file = join(directory, 's3-keys.json')
  mkdirSync(directory, { recursive: true })
  try {
    writeFileSync(file, JSON.stringify({ app: newKey(), admin: newKey() }, null, 2), {
      mode: 0o600,
      flag: 'wx',
    })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  const { app, admin } = JSON.parse(readFileSync(file, 'utf8')) as Record<'app' | 'admin', Key>
  return {
    app,
    identities: [
      { name: 'app', ...app, policy },
      { name: 'admin', ...admin },
    ],
  }
}

type Key = ReturnType<typeof newKey>

function newKey() {
  return {
    accessKeyId: `TT${randomBytes(9).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64url'),
  }
}
