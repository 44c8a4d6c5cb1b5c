import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { startLocalS3 } from '@tintype/local-s3'
import type { Media, Problem } from '@tintype/protocol'
import express from 'express'
import multer from 'multer'
import {
  createTintype,
  type Hooks,
  type Tintype,
  TintypeError,
  type TintypeOptions,
} from '../../packages/tintype/src/index.ts'
import type { AppDatabase } from '../support/app-database.ts'
import { keysIn } from '../support/bucket-keys.ts'
import { type begin, complete, send } from '../support/direct.ts'

const admin = { accessKeyId: 'admin', secretAccessKey: 'admin-secret' }
const Bucket = 'photos'

/** By which a test sends one file. */
export const ways = ['form', 'route', 'multer', 'direct', 'server'] as const
export type TestWay = (typeof ways)[number]

export interface Sent {
  status: number
  /** What was made, where something was. */
  media: Media | undefined
  problem: Problem
}

/** An Express app with one set of hooks, which a test may exchange, and every way in. */
export interface HookedApp {
  tintype: Tintype
  url: string
  /** The app's hooks from now on. */
  hooks: Hooks
  logged: [event: string, fields: Record<string, unknown>][]
  app: AppDatabase
  send(way: TestWay, bytes: Uint8Array, more?: SendOptions): Promise<Sent>
  /** Keys in the bucket. */
  keys(): Promise<string[]>
  /** Keys in the bucket that neither a media nor the sweep list names, and media, if any. */
  left(): Promise<unknown>
  stop(): Promise<void>
}

export interface SendOptions {
  name?: string
  /** Before the file. The server's own files have none. */
  fields?: Record<string, string>
  signal?: AbortSignal
}

export async function startHookedApp(
  database: { url: string; connect(url: string): Promise<AppDatabase> },
  options: Partial<TintypeOptions> = {},
  routes: (tintype: Tintype) => Record<string, express.RequestHandler> = () => ({}),
): Promise<HookedApp> {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-hooks-'))
  const s3 = await startLocalS3({ directory, identities: [admin], buckets: [Bucket] })
  const client = new S3Client({
    endpoint: s3.url,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: { ...admin },
  })
  const logged: HookedApp['logged'] = []
  const note = (event: string, fields: Record<string, unknown> = {}) => void logged.push([event, fields])
  const current: { hooks: Hooks } = { hooks: {} }
  const tintype = await createTintype({
    variants: { thumb: { width: 320 } },
    directory,
    database: database.url,
    bucket: { name: Bucket, endpoint: s3.url, credentials: { ...admin } },
    authenticate: (req) => req.headers.authorization ?? 'me',
    log: { info: note, warn: note, error: note },
    hooks: {
      beforeUpload: (file) => current.hooks.beforeUpload?.(file),
      transform: (file) => current.hooks.transform?.(file),
      ready: (media, about) => current.hooks.ready?.(media, about),
      removed: (media, about) => current.hooks.removed?.(media, about),
    },
    ...options,
  })
  const app = await database.connect(database.url)
  const server = await listen(tintype, routes(tintype))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const keys = async () => keysIn(await client.send(new ListObjectsV2Command({ Bucket })))

  return {
    tintype,
    url,
    logged,
    app,
    keys,
    get hooks() {
      return current.hooks
    },
    set hooks(hooks) {
      current.hooks = hooks
    },
    async send(way, bytes, more = {}) {
      if (way === 'direct') return direct(url, bytes, more)
      if (way === 'server') return create(tintype, bytes, more)
      return form(url + paths[way], bytes, more)
    },
    async left() {
      const rows = await app.all('select key from tintype_sweep union select key from tintype_media')
      const named = new Set(rows.map(({ key }) => key))
      const { media } = await tintype.media.list({ owner: 'me', limit: 1000 })
      return [(await keys()).filter((key) => !named.has(key)), media.map(({ id }) => id)]
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await tintype.close()
      await app.close()
      client.destroy()
      await s3.close()
      await rm(directory, { recursive: true })
    },
  }
}

/** Of {@link HookedApp.left}: nothing is. */
export const nothing = [[], []]

const paths = { form: '/api/media', route: '/posts', multer: '/multer' }

async function listen(tintype: Tintype, routes: Record<string, express.RequestHandler>): Promise<Server> {
  const app = express()
  app.use('/api', tintype.router)
  app.post('/posts', tintype.upload('file'), (req, res) => void res.status(201).json({ media: req.media }))
  for (const [path, upload] of Object.entries(routes)) {
    app.post(path, upload, (req, res) => void res.status(201).json({ media: req.media }))
  }
  app.post('/multer', multer({ storage: tintype.storage() }).single('file'), (req, res) => {
    res.status(201).json({ media: [req.file?.media] })
  })
  const answer: express.ErrorRequestHandler = (error, _req, res, _next) => {
    const { status = 500, code, message: detail, limit } = error
    res.status(status).json({ status, code, detail, limit })
  }
  app.use(answer)
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return server
}

async function form(
  url: string,
  bytes: Uint8Array,
  { name = 'a.jpg', fields = {}, signal }: SendOptions,
): Promise<Sent> {
  const body = new FormData()
  for (const [field, value] of Object.entries(fields)) body.append(field, value)
  body.append('file', new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' }), name)
  const response = await fetch(url, { method: 'POST', body, ...(signal ? { signal } : {}) })
  const answer = (await response.json()) as { media?: Media[] } & Problem
  return { status: response.status, media: answer.media?.[0], problem: answer }
}

async function direct(
  url: string,
  bytes: Uint8Array,
  { name = 'a.jpg', fields }: SendOptions,
): Promise<Sent> {
  const opened = await fetch(`${url}/api/uploads`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name, type: 'image/jpeg', size: bytes.length, fields }),
  })
  const session = (await opened.json()) as Awaited<ReturnType<typeof begin>> & Problem
  if (!opened.ok || !session.put) return { status: opened.status, media: undefined, problem: session }
  await send(session.put, bytes)
  const response = await complete(url, session)
  const answer = (await response.json()) as Media & Problem
  return { status: response.status, media: response.ok ? answer : undefined, problem: answer }
}

async function create({ media }: Tintype, bytes: Uint8Array, { name = 'a.jpg' }: SendOptions): Promise<Sent> {
  const file = new File([bytes as Uint8Array<ArrayBuffer>], name, { type: 'image/jpeg' })
  try {
    return { status: 201, media: await media.create(file, { owner: 'me' }), problem: {} as Problem }
  } catch (error) {
    if (!(error instanceof TintypeError)) throw error
    const { status, code, message: detail, limit } = error
    return { status, media: undefined, problem: { status, code, detail, limit } as Problem }
  }
}
