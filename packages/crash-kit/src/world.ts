import { randomInt } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLocalS3 } from '@tintype/local-s3'
import type { Adapter, Given } from './adapter.ts'
import { elapsed } from './moments.ts'
import { type RunningProcess, startProgram } from './process.ts'
import { createS3Client, region, type S3Client } from './s3-client.ts'
import { type S3Proxy, startS3Proxy } from './s3-proxy.ts'

/** A bucket behind a proxy that can break things, and a backend that comes again whenever it was killed. */
export interface World {
  given: Given
  /** Before the bucket. */
  proxy: S3Proxy
  /** The bucket, past the proxy. */
  s3: S3Client
  /** The backend's address, once it listens. */
  url(): Promise<string>
  /** Kills the backend, which is then started again. */
  kill(): Promise<void>
  /** Resolves when it has ended in peace. Then it is not started again. */
  rest(): Promise<void>
  /** Starts it again after `rest`. */
  wake(): void
  dispose(): Promise<void>
}

export interface WorldOptions {
  adapter: Adapter
  /** Of the process that runs the kit: where programs are found. */
  path: string
  /** Where stdout and stderr of the backend go. @default nowhere */
  log?: string | undefined
}

const bucket = 'crash-kit'
const credentials = { accessKeyId: 'backend', secretAccessKey: 'backend-secret' }
/** Seconds in which a backend has to listen, and how often it may fail to while S3 fails. */
const startLimit = 60
const starts = 5
/** Seconds in which a port has to be free after a kill. */
const quietLimit = 5
/**
 * Milliseconds after which S3 carries out what has long been cut off, as its own: some of them before a backend has cleaned up after it, and
 * some later.
 */
const lateness = { least: 200, most: 1200 }

export async function createWorld({ adapter, path, log }: WorldOptions): Promise<World> {
  const output = openSync(log ?? '/dev/null', 'a')
  const home = await mkdtemp(join(tmpdir(), 'crash-kit-'))
  const directory = join(home, 'backend')
  await mkdir(directory)
  const s3 = await startLocalS3({
    directory: join(home, 's3'),
    identities: [credentials],
    buckets: [bucket],
    region,
  })
  const proxy = await startS3Proxy(s3.url, { lateness: () => randomInt(lateness.least, lateness.most) })
  const port = await freePort()
  const given: Given = { s3: { endpoint: proxy.url, bucket, region, ...credentials }, directory, port }
  const url = `http://127.0.0.1:${port}`
  const env = {
    PATH: path,
    PORT: String(port),
    NODE_COMPILE_CACHE: join(home, 'code'),
    ...adapter.env(given),
  }
  let running: RunningProcess | undefined
  let hasStarted = false
  let isWanted = true
  let listening: Promise<string>
  startAgain()

  function startAgain(): void {
    listening = keepUp()
    // What is wrong is told to all that ask for the address; there may be none at this moment.
    listening.catch(() => {})
  }

  async function keepUp(): Promise<string> {
    for (let tried = 1; ; tried++) {
      if (!(await isQuiet(port))) throw new Error(outlives())
      const process = startProgram(adapter.command, { env, cwd: adapter.cwd ?? directory, stderr: output })
      running = process
      if (await answers(process)) {
        hasStarted = true
        void process.ended.then(() => {
          if (isWanted && running === process) startAgain()
        })
        return url
      }
      await process.kill()
      if (tried === starts) throw new Error(reason(await whyNotStarted(process)))
    }
  }

  const command = adapter.command.join(' ')

  function outlives(): string {
    return `${adapter.name} still listens on PORT after ${command} and all that it started were killed: let the command be the server itself, not a program that hands it to another one, such as pm2 or docker.`
  }

  function reason(why: string | undefined): string {
    const see = log ? `What it printed is in ${log}.` : 'Give `log` a file to see what it prints.'
    if (why)
      return `${adapter.name} does not start (${command}): ${why}. It is looked for in the PATH of \`path\`.`
    return hasStarted
      ? `${adapter.name} has started before, and does not after a kill: look for a file that the kill left half written. ${see}`
      : `${adapter.name} does not start (${command}), or does not answer at http://127.0.0.1:PORT${adapter.ready ?? '/'} with a status below 500. ${see}`
  }

  /** Whether it listens before it ends, or its time is over. */
  async function answers(process: RunningProcess): Promise<boolean> {
    let hasEnded = false
    const ends = () => {
      hasEnded = true
    }
    process.ended.then(ends, ends)
    const end = performance.now() + startLimit * 1000
    while (!hasEnded && performance.now() < end) {
      const response = await fetch(url + (adapter.ready ?? '/')).catch(() => undefined)
      await response?.arrayBuffer().catch(() => {})
      if (response && response.status < 500) return true
      await elapsed(15)
    }
    return false
  }

  async function end(signal: 'kill' | 'terminate'): Promise<void> {
    isWanted = false
    await listening.catch(() => {})
    const process = running
    if (signal === 'terminate') await Promise.race([process?.terminate(), elapsed(5000)])
    await process?.kill()
  }

  return {
    given,
    proxy,
    s3: createS3Client({ ...credentials, endpoint: s3.url, bucket }),
    url: () => listening,
    async kill() {
      await listening
      await running?.kill()
    },
    rest: () => end('terminate'),
    wake() {
      isWanted = true
      startAgain()
    },
    async dispose() {
      await end('kill')
      await proxy.close()
      await s3.close()
      closeSync(output)
      await rm(home, { recursive: true, maxRetries: 3 })
    },
  }
}

/** What the system says when there is no such program. */
async function whyNotStarted({ ended }: RunningProcess): Promise<string | undefined> {
  return ended.then(
    () => undefined,
    (error: Error) => error.message,
  )
}

/** Whether nothing listens here any more. A killed process may take a moment to let go of its port. */
async function isQuiet(port: number): Promise<boolean> {
  const end = performance.now() + quietLimit * 1000
  while (await listens(port)) {
    if (performance.now() > end) return false
    await elapsed(20)
  }
  return true
}

async function listens(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' })
  try {
    return await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
  } finally {
    socket.destroy()
  }
}

/**
 * Below those that systems give to outgoing connections, since it has to be free again after each kill; not by the seed,
 * since several runs may go on at a time.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(12_000, 31_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    if (isFree) await new Promise((resolve) => server.close(resolve))
    if (isFree) return port
  }
}
