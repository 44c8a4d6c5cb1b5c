// Every call of the library, type-checked like the options in library-options.ts.
import type { IncomingMessage } from 'node:http'
import type { DatabaseSync } from 'node:sqlite'
import express, { type ErrorRequestHandler } from 'express'
import multer from 'multer'
import type pg from 'pg'
import {
  type AppErrorCode,
  type CallersTransaction,
  ConfigError,
  type CreateOptions,
  type DeletionToCome,
  type DoorOptions,
  type ErrorCode,
  type EventKind,
  type FieldOptions,
  type FieldValue,
  type FileLimitOptions,
  type FormOptions,
  type Media,
  type MediaApi,
  type MediaClaims,
  type MediaCreation,
  type MediaKind,
  type MediaPage,
  type MediaQuery,
  type MediaSelection,
  type Middleware,
  type NodeDoor,
  type Problem,
  type RateLimit,
  type RebuildRequest,
  type RebuildTotals,
  type RemovedAll,
  type RequestMedia,
  type Status,
  type TextLimitOptions,
  type Tintype,
  TintypeError,
  type TintypeEvent,
  type UploadFields,
  type UploadOptions,
  type UploadUnderWay,
  type WebDoor,
} from 'tintype'
import { type All, rate, routeHooks, tintype } from './library-options.ts'

/** One function for each member. */
type Each<Api> = { [Name in keyof Api]-?: () => unknown }

const app = express()
const fileLimits: All<FileLimitOptions> = { imageBytes: 1, videoBytes: undefined, pixels: 1, frames: 1 }
const textLimits: All<TextLimitOptions> = { fields: 1, fieldBytes: 1, fieldNameBytes: undefined }
const photo: All<FieldOptions> = { max: 1, required: false, accept: ['image/png'], limits: fileLimits }
const fields: UploadFields = { photo, gallery: {} }
const form: All<FormOptions> = { errors: 'next', limits: textLimits, hooks: routeHooks }
const upload: All<UploadOptions> = {
  ...photo,
  ...form,
  maxFiles: undefined,
  limits: { ...fileLimits, ...textLimits },
}

const api: Each<Tintype> = {
  router: () => app.use('/api', tintype.router),
  node: () => {
    const door: NodeDoor = tintype.node
    return (req: IncomingMessage, res: Parameters<NodeDoor>[1]) => door(req, res, { mount: '/api' })
  },
  fetch: () => {
    const door: WebDoor = tintype.fetch
    const given: DoorOptions = { mount: '/api', owner: null, remoteAddress: undefined }
    return (request: Request): Promise<Response> => door(request, given)
  },
  upload: () => {
    const middleware: Middleware = tintype.upload('photo', upload)
    app.post('/one', middleware, (req, res) => {
      const media: RequestMedia | undefined = req.media
      const [first] = req.media ?? []
      const type: string | undefined = first?.type
      res.json({ media, type, text: req.body.text as FieldValue })
    })
    app.post('/several', tintype.upload(fields, form), (req, res) => {
      const gallery: Media[] = req.media?.gallery ?? []
      res.json(gallery.map(({ id }) => id))
    })
  },
  storage: () => {
    const multipart = multer({ storage: tintype.storage() })
    app.post('/multer', multipart.single('photo'), (req, res) => {
      const media: Media | undefined = req.file?.media
      res.json(media?.urls.thumb)
    })
    const inMemory = multer({ storage: multer.memoryStorage() })
    app.post('/memory', inMemory.single('photo'), async (req, res) => {
      const media: Media = await tintype.media.create(req.file, { owner: 'me' })
      res.json(media)
    })
  },
  media: () => tintype.media,
  usage: async () => (await tintype.usage('me')).bytes.toFixed(),
  rebuildVariants: async () => {
    const request: RebuildRequest = { dryRun: true, onProgress: ({ photos }) => void photos }
    const totals: RebuildTotals = await tintype.rebuildVariants(request)
    return totals.outdated
  },
  on: () => {
    const kinds: EventKind[] = ['ready', 'replaced', 'removed', 'expired', 'refused']
    const stop = tintype.on('ready', (media, { data }) => void [media.urls?.thumb, data.owner])
    stop()
    tintype.on('refused', (refusal, event) => void [refusal.code, event.data.refusal.code])
    return kinds.map((kind) => tintype.on(kind, () => {}))
  },
  outbox: () => {
    tintype.outbox('mail', async (event: TintypeEvent) => {
      if (event.type === 'media.removed') await fetch(`/forget/${event.data.media.id}`)
    })
    tintype.outbox(() => {})
  },
  signedOut: () => tintype.signedOut('ann'),
  announce: () => tintype.announce('ann', 'album', '5'),
  rateLimit: async () => {
    const signIns: RateLimit = tintype.rateLimit('sign-in', rate)
    await signIns.demand('127.0.0.1')
  },
  viewOrigin: () => tintype.viewOrigin.length,
  status: async () => {
    const { uploads, deletions }: Status = await tintype.status()
    const [one]: UploadUnderWay[] = uploads
    const [next]: DeletionToCome[] = deletions.next
    return [one?.expiresAt, next?.dueAt]
  },
  metrics: async () => (await tintype.metrics()).split('\n'),
  check: () => tintype.check(),
  close: () => tintype.close(),
}

const id = 'id'
const owner = 'me'
declare const client: pg.PoolClient
declare const sqlite: DatabaseSync
const trx: CallersTransaction[] = [client, sqlite]
const { media } = tintype

const made: All<CreateOptions> = {
  owner,
  name: 'a.jpg',
  caption: null,
  alt: undefined,
  data: { album: 7 },
  idempotencyKey: 'import:1',
  signal: undefined,
  trx: client,
}
const selection: All<MediaSelection> = {
  owner,
  ids: [id],
  kind: 'video',
  claimedBy: 'post:1',
  sha256: ['0'.repeat(64)],
  before: new Date(),
  after: undefined,
}
const query: All<MediaQuery> = {
  ...selection,
  search: 'lisbon',
  zone: 'UTC',
  languages: ['de'],
  order: 'oldest',
  limit: 10,
  cursor: '',
}
const calls: Each<MediaApi & MediaCreation & MediaClaims> = {
  create: () => media.create(new Blob([]), made),
  replace: () => media.replace(id, new Uint8Array(), { owner }),
  get: async () => {
    const found: Media | undefined = await media.get(id, { owner })
    const kind: MediaKind | undefined = found?.kind
    return kind
  },
  list: async () => {
    const page: MediaPage = await media.list(query)
    return page.media.map(({ name, caption, duration }) => [name, caption, duration])
  },
  update: () => media.update(id, { caption: null, alt: 'A beach' }, { owner, revision: 1 }),
  count: () => media.count(selection),
  removeAll: async () => {
    const { removed, cancelled, kept }: RemovedAll = await media.removeAll({ owner })
    return removed + cancelled + kept
  },
  remove: async () => (await media.remove(id, { owner, trx: client })).gone,
  claim: () => Promise.all(trx.map((one) => media.claim(id, { by: 'post:1', owner, trx: one }))),
  release: () => Promise.all(trx.map((one) => media.release(id, { by: 'post:1', owner, trx: one }))),
  attach: async () => {
    const post: { id: number } = await media.attach([id], {
      by: 'post:1',
      owner,
      insert: async () => ({ id: 1 }),
      undo: async () => {},
    })
    return post
  },
  detach: () => media.detach(id, { by: 'post:1', owner, remove: async () => 1 }),
  url: () => media.url(id, 'thumb', { owner, download: true }),
}

const answerErrors: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (!(error instanceof TintypeError)) return next(error)
  const { status, code, limit, field, file } = error
  const known: ErrorCode | AppErrorCode = code
  res.status(status).json({ known, limit, field, index: file?.index, name: file?.name })
}
const problem = (text: string): string => (JSON.parse(text) as Problem).detail
export const all = { api, calls, answerErrors, problem, ConfigError }
