import { createServer, type IncomingMessage, type ServerResponse, setMaxIdleHTTPParsers } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from 'tintype/internal/clock'
import { armCrashPoint } from 'tintype/internal/crash-points'
import { limitLeftovers } from 'tintype/internal/doors/drain'
import { TintypeError } from 'tintype/internal/errors'
import type { Hooks } from 'tintype/internal/hooks/types'
import { createOwnAddress } from 'tintype/internal/http/address'
import { createLog } from 'tintype/internal/log'
import { createLogOfStorage } from 'tintype/internal/log-of-storage'
import { useFolder } from 'tintype/internal/settings/folder'
import { createTintype } from 'tintype/internal/tintype'
import { openAlbums } from './albums/albums.ts'
import { forgetDaily } from './albums/forget.ts'
import { joinHooks } from './albums/guest-hooks.ts'
import { type Config, ConfigError, databaseOf } from './config.ts'
import { checkAtStart } from './doctor/startup.ts'
import { openFamily } from './people/family.ts'
import { returnMemory } from './serve-memory.ts'
import { createAlbumSite } from './site/album-site.ts'
import { nodeDoor, type SiteDoor } from './site/door.ts'
import { createPipelineLimit } from './site/pipelined.ts'
import { belowPath } from './site/public-path.ts'
import { createSignIn, type SignIn } from './site/sign-in.ts'
import { createSite } from './site/site.ts'
import { answerWhileStarting } from './site/starting.ts'
import { answerUnparsed } from './site/unparsed.ts'

export interface RunningServer {
  url: string
  port: number
  /**
   * Says at `/readyz` that it is not ready, and serves on for `delay` milliseconds, so that load balancers turn away
   * before the port closes. Then takes no more connections, finishes what is under way, and closes.
   */
  stop(delay?: number): Promise<void>
}

const headersTimeout = 10_000
/** For connections on which nothing moves at all: longer than it takes to complete the largest upload. Milliseconds. */
const longestSilence = 900_000
/** Milliseconds that connections have to end by themselves. */
const patience = 2_000
/** Node keeps a thousand, of 10 KB each, and whatever malloc has put between them. A connection has its own anyway. */
const idleParsers = 32

/**
 * The ready server. Listens first: a port that is taken ends the start before anything else is begun.
 * @param write takes log lines
 * @param options.door by which the API is reached
 * @param options.hooks of an app that is this server: for tests
 */
export async function serve(
  config: Config,
  write: (line: string) => void,
  { door = nodeDoor, hooks }: { door?: SiteDoor; hooks?: Hooks } = {},
): Promise<RunningServer> {
  if (config.crashAt) armCrashPoint(config.crashAt.point, config.crashAt.hits)
  const log = createLogOfStorage(createLog(write), systemClock.now)
  setMaxIdleHTTPParsers(idleParsers)
  // Bodies have their own limits on stalling: a large upload may well take longer than any fixed time.
  const server = createServer({
    requestTimeout: 0,
    headersTimeout,
    connectionsCheckingInterval: 2_000,
    // The site refuses it, with problem details.
    requireHostHeader: false,
  })
  server.timeout = longestSilence
  let answer = answerWhileStarting
  let stopping = false
  const isCut = createPipelineLimit(log)
  const onRequest = (req: IncomingMessage, res: ServerResponse) => {
    if (isCut(req, res)) return
    // Kept connections end, so that clients go to another process with the next request.
    if (stopping) res.setHeader('Connection', 'close')
    answer(req, res)
  }
  server.on('request', onRequest)
  server.on('checkContinue', onRequest)
  // As S3 does, and as RFC 9110 section 10.1.1 allows: other expectations are ignored.
  server.on('checkExpectation', (req, res) => server.emit('request', req, res))
  answerUnparsed(server, log)
  limitLeftovers(server, systemClock)
  const closed = new Promise((resolve) => server.once('close', resolve))
  const port = await listen(server, config)
  const url = config.publicUrl ?? `http://localhost:${port}`

  try {
    const own = createOwnAddress(config.publicUrl)
    const { hostname, pathname } = new URL(url)
    const names = new Set(['localhost', '127.0.0.1', '[::1]', config.host, hostname])
    const { directory, bucket, auditCredentials } = config
    if (bucket === undefined || config.database === undefined) useFolder('TINTYPE_DATA', directory)
    const family = await openFamily(config, { clock: systemClock, log })
    const session = config.times.session * 1000
    const albums = openAlbums(family.database, { clock: systemClock, session })
    const tintype = await createTintype({
      ...(bucket ? { bucket: { ...bucket, auditCredentials } } : {}),
      database: databaseOf(config),
      ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
      directory,
      origins: config.origins,
      ffmpeg: config.ffmpeg,
      limits: config.limits,
      variants: Object.fromEntries(config.variants.map(({ name, ...one }) => [name, one])),
      privacy: config.privacy,
      times: config.times,
      quotas: config.quotas,
      rates: config.rates,
      webhooks: config.webhooks,
      hooks: joinHooks(hooks, albums.hooks),
      authenticate: (request: object) => sessions.authenticate(door.senderOf(request)),
      log,
    })
    const { sessions, accounts }: SignIn = createSignIn(config, {
      tintype,
      family,
      own,
      names,
      clock: systemClock,
    })
    const albumSite = createAlbumSite(config, albums, { tintype, sessions, own, clock: systemClock })
    const site = createSite({
      tintype,
      api: door.open(tintype),
      sessions,
      log,
      clock: systemClock,
      own,
      names,
      accounts,
      albums: albumSite,
      expectsProxies: await sessions.isRequired(),
      trustedProxies: config.trustedProxies,
      stallTimeout: config.times.stall * 1000,
      isStopping: () => stopping,
    })
    answer = belowPath(pathname.replace(/\/$/, ''), site)
    const stopForgetting = forgetDaily(albums.guests, { clock: systemClock, log })
    const close = async () => {
      await stopForgetting()
      await tintype.close()
      await family.close()
    }
    const stopped = new AbortController()
    const checked = checkAtStart(config, {
      ...{ log, now: systemClock.now, signal: stopped.signal },
      hasPeople: await family.people.any(),
    })
    const stopReturning = returnMemory({ server, clock: systemClock, log })
    log.info('server.started', { url, port, bucket: config.bucket?.name ?? 'embedded' })
    return {
      url,
      port,
      async stop(delay = 0) {
        stopping = true
        stopped.abort()
        stopReturning()
        await checked
        await sleep(delay)
        // With the embedded S3 there is no other process to go to: the port says 503 until the last upload is through.
        if (!bucket) await close()
        server.close()
        server.closeIdleConnections()
        // What came by connections that are open is served as ever; soon only long uploads are left, and those that
        // have begun may end.
        await Promise.race([closed, sleep(patience, undefined, { ref: false })])
        if (bucket) await close()
        const cut = setTimeout(() => server.closeAllConnections(), patience)
        await closed
        clearTimeout(cut)
        log.info('server.stopped')
      },
    }
  } catch (error) {
    server.close()
    server.closeAllConnections()
    throw databaseTrouble(error, config)
  }
}

/** The driver says what is wrong, and doesn't know where it was named. */
function databaseTrouble(error: unknown, { database }: Config): unknown {
  const isIts = error instanceof TintypeError && error.code === 'database_unavailable'
  if (!isIts || database === undefined) return error
  return new TintypeError(
    'database_unavailable',
    `${error.message}. Look at DATABASE_URL; tintype doctor tells more.`,
    {
      cause: error,
    },
  )
}

function listen(server: ReturnType<typeof createServer>, { port, host }: Config): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.once('error', (error) => reject(listenTrouble(error, port, host)))
  server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  return promise
}

/** What `listen` says names no variable. */
function listenTrouble(error: Error, port: number, host: string): Error {
  switch ('code' in error && error.code) {
    case 'EADDRINUSE':
      return new ConfigError(
        `PORT is ${port}, which is in use: stop what uses it, or set PORT to another one.`,
      )
    case 'EACCES':
      return new ConfigError(`PORT is ${port}, for which this user has no right: set PORT to one above 1023.`)
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
      return new ConfigError(
        `HOST is ${host}, which is no address of this machine: set it to 0.0.0.0 to be reached by all of them. The name that people use goes into PUBLIC_URL.`,
      )
    default:
      return error
  }
}
