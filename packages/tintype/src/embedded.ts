import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { RequestEvent } from '@tintype/local-s3'
import type { BucketOptions } from './bucket/bucket.ts'
import { appPolicy, listPolicy } from './bucket/policy.ts'
import { TintypeError } from './errors.ts'
import { type Log, silentLog } from './log.ts'
import { denyOthers, makePrivateFolder } from './private-files.ts'
import { notInstalled } from './settings/not-installed.ts'

const name = 'tintype'

export interface EmbeddedBucket {
  bucket: BucketOptions
  close(): Promise<void>
}

/** Has the address of the embedded S3 while a process has it open, for commands that read it. */
const addressFile = 's3-address.json'

/**
 * The host that URLs for browsers are signed for. It does not resolve: the URLs lead to the app's own address, and every
 * request that arrives there is verified as if it were sent to this host. Only this process can verify them, so the host
 * protects nothing.
 */
export const signedHost = 'tintype-embedded'

/** Milliseconds that browsers' requests in progress have when it closes. */
const closeTimeout = 5_000

/** An S3 server with its objects below `directory`: on a loopback port for this machine, and for browsers through `handle`. */
export async function startEmbeddedBucket(
  directory: string,
  log: Log = silentLog,
): Promise<
  EmbeddedBucket & {
    bucket: BucketOptions & { endpoint: string; publicEndpoint: string }
    /** @param target path and query below the mount, as they were sent */
    handle(req: IncomingMessage, res: ServerResponse, target: string): void
  }
> {
  const { startLocalS3 } = await loadLocalS3()
  const { app, auditor, identities } = readIdentities(directory)
  makePrivateFolder(join(directory, 's3'))
  denyOthers(join(directory, 's3'))
  const s3 = await opened(
    startLocalS3({ directory: join(directory, 's3'), identities, buckets: [name], log: tell(log) }),
  )
  const forget = tellAddress(directory, s3.url)
  const open = new Set<IncomingMessage>()
  return {
    bucket: {
      name,
      endpoint: s3.url,
      publicEndpoint: `http://${signedHost}`,
      credentials: app,
      auditCredentials: auditor,
    },
    handle(req, res, target) {
      // The client left while middleware of the app was working: 'close' has been emitted already.
      if (res.destroyed) return
      open.add(req)
      res.once('close', () => open.delete(req))
      s3.handleAt({ host: signedHost, target }, req, res)
    },
    async close() {
      forget()
      const cut = setTimeout(() => {
        for (const req of open) req.destroy()
      }, closeTimeout)
      await s3.close()
      clearTimeout(cut)
    },
  }
}

/** Apps with a bucket of their own need not install it. @throws {ConfigError} with the line that installs it */
function loadLocalS3(): Promise<typeof import('@tintype/local-s3')> {
  return import('@tintype/local-s3').catch(
    notInstalled(
      'No bucket is named, and the embedded S3 that stands in for one is not installed. Name a bucket, or: npm install @tintype/local-s3',
    ),
  )
}

/** Logs internal errors, and refusals that browsers see: behind a proxy that changes paths there is no other trace. */
function tell(log: Log): (event: RequestEvent) => void {
  return ({ method, operation, path, host, status, code, error }) => {
    if (error !== undefined) log.error('s3.failed', { method, operation, path, error })
    else if (status === 403 && host === signedHost) log.warn('s3.refused', { method, path, status, code })
  }
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

function tellAddress(directory: string, endpoint: string): () => void {
  const file = join(directory, addressFile)
  writeFileSync(file, JSON.stringify({ endpoint }))
  return () => rmSync(file, { force: true })
}

function readAddress(directory: string): string {
  return (JSON.parse(readFileSync(join(directory, addressFile), 'utf8')) as { endpoint: string }).endpoint
}

/** The usual cause is another server on the same folder: the error says so in a sentence, without a stack. */
async function opened<T>(opening: Promise<T>): Promise<T> {
  try {
    return await opening
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TintypeError('storage_unavailable', `The embedded S3 can't be opened: ${reason}`, { cause })
  }
}

const keysFile = 's3-keys.json'

/** The two identities that we advise on AWS, the lister with a new key each time, and an admin for people. */
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
  makePrivateFolder(directory)
  try {
    writeFileSync(file, JSON.stringify({ app: newKey(), admin: newKey() }, null, 2), {
      mode: 0o600,
      flag: 'wx',
    })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  try {
    const { app, admin } = JSON.parse(readFileSync(file, 'utf8')) as Record<'app' | 'admin', Key>
    for (const key of [app, admin]) if (!key.accessKeyId || !key.secretAccessKey) throw new Error('no key')
    return { app, admin }
  } catch (cause) {
    throw new TintypeError(
      'storage_unavailable',
      `The keys of the embedded S3 can't be read from ${file}: put it back, or delete it, and the next start makes new ones.`,
      { cause },
    )
  }
}

type Key = ReturnType<typeof newKey>

function newKey() {
  return {
    accessKeyId: `TT${randomBytes(9).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64url'),
  }
}
