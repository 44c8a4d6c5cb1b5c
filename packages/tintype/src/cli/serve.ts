import { createServer, type IncomingMessage, type ServerResponse, setMaxIdleHTTPParsers } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../clock.ts'
import { type Config, isLoopback } from '../config.ts'
import { armCrashPoint } from '../crash-points.ts'
import { checkAtStart } from '../doctor/startup.ts'
import { mountEmbeddedBucket } from '../embedded.ts'
import { createSessions } from '../http/session.ts'
import { createSite } from '../http/site.ts'
import { createLog } from '../log.ts'
import { defaultTimes } from '../times.ts'
import { createTintype } from '../tintype.ts'
import { returnMemory } from './serve-memory.ts'

export interface RunningServer {
  url: string
  /**
   * Says at `/readyz` that it is not ready, and serves on for `delay` milliseconds, so that load balancers turn away
   * before the port closes. Then takes no more connections, finishes what is under way, and closes.
   */
  stop(delay?: number): Promise<void>
}

/** Below this path the embedded S3 answers, on the server's own port. */
const s3Path = '/s3'
const headersTimeout = 10_000
/** For connections on which nothing moves at all: longer than it takes to complete the largest upload. Milliseconds. */
const longestSilence = 900_000
/** Milliseconds that connections have to end by themselves. */
const patience = 2_000
/** Node keeps a thousand, of 10 KB each, and whatever malloc has put between them. A connection has its own anyway. */
const idleParsers = 32

/**
 * The ready server. Listens first, since the embedded S3 is reached through the same port.
 * @param write takes log lines
 */
export async function serve(config: Config, write: (line: string) => void): Promise<RunningServer> {
  if (config.crashAt) armCrashPoint(config.crashAt.point, config.crashAt.hits)
  const log = createLog(write)
  setMaxIdleHTTPParsers(idleParsers)
  // Bodies have their own limits on stalling: a large upload may well take longer than any fixed time.
  const server = createServer({ requestTimeout: 0, headersTimeout, connectionsCheckingInterval: 2_000 })
  server.timeout = longestSilence
  let answer = notYet
  let stopping = false
  const onRequest = (req: IncomingMessage, res: ServerResponse) => {
    // Whoever keeps the connection open goes elsewhere with the next request.
    if (stopping) res.setHeader('Connection', 'close')
    answer(req, res)
  }
  server.on('request', onRequest)
  server.on('checkContinue', onRequest)
  const closed = new Promise((resolve) => server.once('close', resolve))
  const port = await listen(server, config)
  const url = config.publicUrl ?? `http://localhost:${port}`

  try {
    const own = `http://${loopbackOf(config.host)}:${port}`
    const ownBucket = config.bucket && { ...config.bucket, auditCredentials: config.auditCredentials }
    const embedded = config.bucket
      ? undefined
      : await mountEmbeddedBucket(config.directory, {
          endpoint: own + s3Path,
          publicEndpoint: url + s3Path,
          basePath: s3Path,
        })
    const sessions = createSessions(config.token, {
      secure: url.startsWith('https:'),
      clock: systemClock,
      stallTimeout: (config.times.stall ?? defaultTimes.stall) * 1000,
    })
    if (embedded) answer = (req, res) => (isS3(req) ? embedded.handle(req, res) : notYet(req, res))
    const tintype = await createTintype({
      bucket: ownBucket ?? embedded?.bucket ?? '',
      database: config.database ?? `${config.directory}/tintype.db`,
      limits: config.limits,
      times: config.times,
      authenticate: sessions.authenticate,
      origins: [new URL(url).origin],
      log,
    })
    const names = ['localhost', '127.0.0.1', '[::1]'].map((name) => `${name}:${port}`)
    const hosts = config.token === undefined ? new Set([...names, new URL(url).host]) : undefined
    const site = createSite({ tintype, sessions, log, hosts, isStopping: () => stopping })
    answer = (req, res) => {
      if (!embedded || !isS3(req)) return site(req, res)
      // Same origin as the app: whatever an object holds, it must not run here.
      res.setHeader('X-Content-Type-Options', 'nosniff')
      res.setHeader('Content-Security-Policy', "sandbox; default-src 'none'")
      embedded.handle(req, res)
    }
    const stopped = new AbortController()
    const checked = checkAtStart(config, { log, now: systemClock.now, signal: stopped.signal })
    const stopReturning = returnMemory({ server, clock: systemClock, log })
    log.info('server.started', { url, port, bucket: config.bucket?.name ?? 'embedded' })
    return {
      url,
      async stop(delay = 0) {
        stopping = true
        stopped.abort()
        stopReturning()
        await checked
        await sleep(delay)
        // Uploads reach the embedded S3 through the same port: so with it, first the uploads, then the port.
        if (embedded) await tintype.close()
        server.close()
        server.closeIdleConnections()
        // What came by connections that are open is served as ever; soon only long uploads are left, and those that
        // have begun may end.
        await Promise.race([closed, sleep(patience, undefined, { ref: false })])
        if (!embedded) await tintype.close()
        const cut = setTimeout(() => server.closeAllConnections(), patience)
        await closed
        clearTimeout(cut)
        await embedded?.close()
        log.info('server.stopped')
      },
    }
  } catch (error) {
    server.close()
    server.closeAllConnections()
    throw error
  }
}

function isS3(req: IncomingMessage): boolean {
  return req.url?.startsWith(`${s3Path}/`) ?? false
}

function notYet(_req: IncomingMessage, res: ServerResponse): void {
  res.writeHead(503, { 'Retry-After': '1' }).end()
}

function loopbackOf(host: string): string {
  if (host === '::1' || host === '::') return '[::1]'
  return isLoopback(host) || host === '0.0.0.0' ? '127.0.0.1' : host
}

function listen(server: ReturnType<typeof createServer>, { port, host }: Config): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.once('error', reject)
  server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  return promise
}
