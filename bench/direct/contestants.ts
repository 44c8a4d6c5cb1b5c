import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { type ServerProcess, startServer } from '../harness/processes.ts'
import { createLink, type Endpoint, type Link, type LinkOptions } from './link.ts'
import { openStorage, type Storage } from './storage.ts'

/** A way of bringing a file from a page into S3: the page, and the server that it asks. */
export interface Contestant {
  id: 'tintype' | 'put' | 'uppy'
  /** As tables call it. */
  label: string
  /** Below this folder. */
  server: string
}

export const contestants: readonly Contestant[] = [
  { id: 'tintype', label: 'Tintype', server: 'servers/tintype.mjs' },
  { id: 'put', label: 'one presigned PUT', server: 'servers/put.mjs' },
  { id: 'uppy', label: '@uppy/aws-s3 with Companion', server: 'servers/companion.mjs' },
]

export interface RunningContestant extends Contestant {
  /** Address of its page, over the link. */
  page: string
  /** Of its server. */
  pid: number
}

/** Everything but the browser: S3, the link, and a server for each contestant, all in processes of their own. */
export interface Arena extends AsyncDisposable {
  link: Link
  /** The S3 over the link. */
  s3: Endpoint
  storage: Storage
  running: RunningContestant[]
}

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export async function openArena(options: LinkOptions): Promise<Arena> {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-direct-'))
  const servers: ServerProcess[] = []
  const link = createLink(options)
  const close = async () => {
    await link.close()
    for (const server of servers.toReversed()) await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    const pages = join(directory, 'pages')
    await buildPages(pages)
    const key = { S3_ACCESS_KEY: 'bench', S3_SECRET_KEY: 'bench-secret' }
    const storageServer = await startServer(storageArguments(join(directory, 's3'), key), {})
    servers.push(storageServer)
    const s3 = await link.open(storageServer.origin)
    const running: RunningContestant[] = []
    for (const one of contestants) {
      const own = join(directory, one.id)
      await mkdir(own)
      const server = await startServer([file(one.server)], {
        ...key,
        S3_BUCKET: one.id,
        S3_ENDPOINT: storageServer.origin,
        S3_PUBLIC_ENDPOINT: s3.origin,
        DIRECTORY: own,
        PAGE: pages,
      })
      servers.push(server)
      const { origin } = await link.open(server.origin)
      running.push({ ...one, page: `${origin}/${one.id}.html`, pid: server.pid })
    }
    const storage = openStorage(storageServer.origin, key)
    for (const { id, page } of running) await storage.allow(id, new URL(page).origin)
    return { link, s3, storage, running, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

type Key = Record<'S3_ACCESS_KEY' | 'S3_SECRET_KEY', string>

function storageArguments(directory: string, { S3_ACCESS_KEY, S3_SECRET_KEY }: Key): string[] {
  const buckets = contestants.flatMap(({ id }) => ['--bucket', id])
  const key = ['--access-key', S3_ACCESS_KEY, '--secret-key', S3_SECRET_KEY]
  const localS3 = file('../../packages/local-s3/bin/local-s3.js')
  return [localS3, '--port', '0', '--directory', directory, ...key, ...buckets]
}

async function buildPages(outDir: string): Promise<void> {
  const input = contestants.map(({ id }) => file(`page/${id}.html`))
  await build({
    root: file('page'),
    logLevel: 'warn',
    build: { outDir, emptyOutDir: false, rolldownOptions: { input }, target: 'baseline-widely-available' },
  })
}
