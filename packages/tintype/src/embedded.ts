import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { createLocalS3, startLocalS3 } from '@tintype/local-s3'
import type { BucketOptions } from './bucket/bucket.ts'
import { appPolicy, listPolicy } from './bucket/policy.ts'
import { TintypeError } from './errors.ts'

const name = 'tintype'

export interface EmbeddedBucket {
  bucket: BucketOptions
  close(): Promise<void>
}

/** Says where the embedded S3 answers while a process has it open, for commands that want to look into it. */
const addressFile = 's3-address.json'

/** An S3 server of our own on a loopback port, with its objects below `directory`. */
export async function startEmbeddedBucket(directory: string): Promise<EmbeddedBucket> {
  const { app, auditor, identities } = readIdentities(directory)
  const s3 = await opened(startLocalS3({ directory: join(directory, 's3'), identities, buckets: [name] }))
  const forget = tellAddress(directory, s3.url)
  const close = async () => {
    forget()
    await s3.close()
  }
  return { bucket: { name, endpoint: s3.url, credentials: app, auditCredentials: auditor }, close }
}

/**
 * The embedded S3 for a command beside the server, or instead of it: through the server that has it open, else
 * opened here. No server can start on the same folder until it is closed.
 *
 * @returns it as the app sees it, and `admin`, who may list it
 * @throws {TintypeError} `storage_unavailable`
 */
export async function reachEmbeddedBucket(
  directory: string,
): Promise<EmbeddedBucket & { admin: BucketOptions }> {
  if (!existsSync(join(directory, keysFile))) {
    throw new TintypeError(
      'storage_unavailable',
      `There is no embedded S3 in ${directory}. Set TINTYPE_DATA to its folder, or S3_BUCKET to a bucket.`,
    )
  }
  const { app, admin } = readKeys(directory)
  const own = await startEmbeddedBucket(directory).catch((error: unknown) => {
    if (!existsSync(join(directory, addressFile))) throw error
    return undefined
  })
  const endpoint = own?.bucket.endpoint ?? readAddress(directory)
  return {
    bucket: { name, endpoint, credentials: app },
    admin: { name, endpoint, credentials: admin },
    close: async () => own?.close(),
  }
}

/** The same below a path of a server that listens already. */
export async function mountEmbeddedBucket(
  directory: string,
  addresses: { endpoint: string; publicEndpoint: string; basePath: string },
): Promise<EmbeddedBucket & { handle(req: IncomingMessage, res: ServerResponse): void }> {
  const { app, auditor, identities } = readIdentities(directory)
  const { endpoint, publicEndpoint, basePath } = addresses
  const s3 = await opened(
    createLocalS3({ directory: join(directory, 's3'), identities, buckets: [name], basePath }),
  )
  const forget = tellAddress(directory, endpoint)
  return {
    bucket: { name, endpoint, publicEndpoint, credentials: app, auditCredentials: auditor },
    handle: (req, res) => s3.handle(req, res),
    async close() {
      forget()
      await s3.close()
    },
  }
}

function tellAddress(directory: string, endpoint: string): () => void {
  const file = join(directory, addressFile)
  writeFileSync(file, JSON.stringify({ endpoint }))
  return () => rmSync(file, { force: true })
}

function readAddress(directory: string): string {
  return (JSON.parse(readFileSync(join(directory, addressFile), 'utf8')) as { endpoint: string }).endpoint
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

const keysFile = 's3-keys.json'

/** The two that we advise on AWS, the lister with a new key each time; and one for people who look into the bucket. */
function readIdentities(directory: string) {
  const { app, admin } = readKeys(directory)
  const auditor = newKey()
  return {
    app,
    auditor,
    identities: [
      { name: 'app', ...app, policy: appPolicy(name, { multipart: true }) },
      { name: 'auditor', ...auditor, policy: listPolicy(name) },
      { name: 'admin', ...admin },
    ],
  }
}

/** Two keys, made at the first start. */
function readKeys(directory: string): Record<'app' | 'admin', Key> {
  const file = join(directory, keysFile)
  mkdirSync(directory, { recursive: true })
  try {
    writeFileSync(file, JSON.stringify({ app: newKey(), admin: newKey() }, null, 2), {
      mode: 0o600,
      flag: 'wx',
    })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Record<'app' | 'admin', Key>
}

type Key = ReturnType<typeof newKey>

function newKey() {
  return {
    accessKeyId: `TT${randomBytes(9).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64url'),
  }
}
