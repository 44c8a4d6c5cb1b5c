import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Identity } from './auth/identity.ts'
import { S3Error } from './errors.ts'
import { createHandler, type RequestEvent } from './http/handler.ts'
import type { Address } from './http/request.ts'
import { sendError } from './http/respond.ts'
import { checkOptions } from './options.ts'
import { parsePolicy } from './policy/index.ts'
import { abortRules } from './storage/lifecycle.ts'
import { openStore, type Store } from './storage/store.ts'

/** Options of {@link createLocalS3} and {@link startLocalS3}. */
export interface LocalS3Options {
  /** Folder for objects and metadata; made if it is missing. For one process at a time. */
  directory: string
  /** The identities that may use the server. */
  identities: Identity[]
  /** Buckets to create if they are missing. @default none */
  buckets?: string[]
  /** The region that requests are signed for. @default 'us-east-1' */
  region?: string
  /**
   * Where the handler is mounted in another server, e.g. `/s3`. Signatures are made over the whole
   * path, so requests must come with it. @default ''
   */
  basePath?: string
  /** The clock, in milliseconds. @default Date.now */
  now?: () => number
  /**
   * Called after each request, and when old multipart uploads could not be ended: then the operation is `S3.DELETE.UPLOAD`, as in S3's
   * own access logs. @default writes internal errors to stderr
   */
  log?: (event: RequestEvent) => void
}

/** A running S3. */
export interface LocalS3 {
  /**
   * Answers a request. For the events `request` and `checkContinue` of a server: a client that sent
   * `Expect: 100-continue` gets 100 only after it was authenticated.
   */
  handle(request: IncomingMessage, response: ServerResponse): void
  /**
   * The same for a request that was signed for `address`, whatever its own host and path are: then it does not matter
   * which name clients use, which host a proxy passes on or which path it removes.
   */
  handleAt(address: Address, request: IncomingMessage, response: ServerResponse): void
  /** Waits for requests in progress, then closes the directory. */
  close(): Promise<void>
}

/**
 * An S3 that listens nowhere: mount its handler in a server of yours.
 *
 * @throws {Error} when another process uses the directory
 * @throws {PolicyError} for an invalid policy
 * @example
 * const s3 = await createLocalS3({ directory, identities, basePath: '/s3' })
 * app.use((req, res, next) => (req.path.startsWith('/s3/') ? s3.handle(req, res) : next()))
 */
export async function createLocalS3(options: LocalS3Options): Promise<LocalS3> {
  checkOptions(options)
  const { directory, buckets = [], region = 'us-east-1', now = Date.now, log = logFaults } = options
  const identities = readIdentities(options.identities)
  const store = await openStore(directory, now)
  try {
    for (const bucket of buckets) store.buckets.create(bucket)
    await abortStaleUploads(store, now())
  } catch (error) {
    await store.close()
    throw error
  }
  const basePath = (options.basePath ?? '').replace(/\/+$/, '')
  const answer = createHandler({ store, verifier: { identities, region, now }, basePath, log })
  const running = new Set<Promise<void>>()
  let closing = false
  const lifecycle = setInterval(() => run(abortAgain()), hour)
  lifecycle.unref()

  function run(work: Promise<void>): void {
    running.add(work)
    void work.finally(() => running.delete(work))
  }

  async function abortAgain(): Promise<void> {
    const begun = performance.now()
    try {
      await abortStaleUploads(store, now())
    } catch (error) {
      const milliseconds = performance.now() - begun
      const nobody = { requestId: '', method: '', host: '', path: '/', identity: undefined }
      log({
        ...nobody,
        operation: 'S3.DELETE.UPLOAD',
        status: 500,
        code: 'InternalError',
        error,
        milliseconds,
      })
    }
  }

  function handle(request: IncomingMessage, response: ServerResponse, address?: Address): void {
    if (!closing) run(answer(request, response, address))
    else sendError(response, new S3Error('ServiceUnavailable'), { id: '', resource: '' })
  }

  return {
    // Express passes a third argument.
    handle: (request, response) => handle(request, response),
    handleAt: (address, request, response) => handle(request, response, address),
    async close() {
      if (closing) return
      closing = true
      clearInterval(lifecycle)
      await Promise.allSettled(running)
      await store.close()
    },
  }
}

/**
 * An S3 that listens by itself, on any free port of the loopback interface unless told otherwise.
 *
 *     const s3 = await startLocalS3({ directory, identities: [{ accessKeyId: 'k', secretAccessKey: 's' }], buckets: ['b'] })
 *     const client = new S3Client({ endpoint: s3.url, forcePathStyle: true, region: 'us-east-1', credentials })
 *
 * @throws what `createLocalS3` throws; Error EADDRINUSE and its like
 */
export async function startLocalS3(
  options: LocalS3Options & { port?: number; host?: string },
): Promise<LocalS3 & { url: string; port: number }> {
  const { port = 0, host = '127.0.0.1' } = options
  const s3 = await createLocalS3(options)
  // A large object may take its time, as long as it moves.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: minute, noDelay: true })
  server.timeout = 2 * minute
  server.on('request', s3.handle)
  server.on('checkContinue', s3.handle)
  // Other expectations are ignored, as S3 does.
  server.on('checkExpectation', s3.handle)
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    await s3.close()
    throw error
  }
  const address = server.address() as AddressInfo
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return {
    ...s3,
    port: address.port,
    url: `http://${name}:${address.port}`,
    async close() {
      const closed = server.listening ? once(server, 'close') : Promise.resolve()
      server.close()
      const cut = setTimeout(() => server.closeAllConnections(), closeTimeout)
      await s3.close()
      server.closeAllConnections()
      await closed
      clearTimeout(cut)
    },
  }
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
/** Milliseconds that requests in progress have when the server closes. */
const closeTimeout = 5000

/** Obeys the buckets' lifecycle rules on incomplete uploads, as S3 does some time after they are due. */
async function abortStaleUploads({ buckets, uploads, blobs }: Store, now: number): Promise<void> {
  for (const { name } of buckets.list('', '', Number.MAX_SAFE_INTEGER)) {
    const document = buckets.getConfiguration(name, 'lifecycle')
    if (document === undefined) continue
    for (const { prefix, days } of abortRules(document)) {
      await blobs.remove(uploads.abortOlder(name, prefix, now - days * day))
    }
  }
}

function logFaults({ method, operation, path, error }: RequestEvent): void {
  if (error !== undefined) console.error(`local-s3: ${method || operation} ${path} failed:`, error)
}

function readIdentities(identities: Identity[]): Map<string, Identity> {
  const byKey = new Map<string, Identity>()
  for (const identity of identities) {
    const { accessKeyId, secretAccessKey, policy } = identity
    if (!accessKeyId || !secretAccessKey)
      throw new Error('Each identity needs accessKeyId and secretAccessKey.')
    if (byKey.has(accessKeyId)) throw new Error(`Two identities have the access key ${accessKeyId}.`)
    if (policy !== undefined) parsePolicy(policy, 'identity')
    byKey.set(accessKeyId, identity)
  }
  return byKey
}
