// All of the public API, type-checked against the packed packages as strictly as an app may be; nothing of it is run.
// What is an object here has a member for each of the API's, so a new one that is not used here is an error.
import type { IncomingMessage } from 'node:http'
import type { DatabaseSync } from 'node:sqlite'
import express, { type ErrorRequestHandler, type Request as ExpressRequest } from 'express'
import multer from 'multer'
import pg from 'pg'
import {
  type AboutReady,
  type AboutRemoved,
  type AboutRestored,
  type AnnouncedFile,
  type AppErrorCode,
  type Authenticate,
  type BucketOptions,
  type ByteRange,
  type CallersTransaction,
  type CanView,
  type Cleaned,
  type Clock,
  ConfigError,
  type CreateOptions,
  type Credentials,
  type CredentialsProvider,
  createTintype,
  type DatabaseOptions,
  type DeletionToCome,
  type DoorOptions,
  type Encryption,
  type ErrorCode,
  type EventKind,
  type FieldOptions,
  type FieldValue,
  type FileInMemory,
  type FileLimitOptions,
  type FileToScan,
  type FindClaim,
  type FormOptions,
  type Hooks,
  type HookTransaction,
  type LimitOptions,
  type Location,
  type Log,
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
  type PrivacyOptions,
  type Problem,
  type ProxySettings,
  type Quotas,
  type Rate,
  type RateLimit,
  type RateOptions,
  type RebuildRequest,
  type RebuildTotals,
  type RemovedAll,
  type RequestMedia,
  type RequestOfApp,
  type RouteHooks,
  refuse,
  type Status,
  type TextLimitOptions,
  type TimeOptions,
  type Tintype,
  TintypeError,
  type TintypeEvent,
  type TintypeOptions,
  type Transformed,
  type UploadChoice,
  type UploadFields,
  type UploadOptions,
  type UploadUnderWay,
  type VariantOptions,
  type Way,
  type WebDoor,
  type WebhookOptions,
} from 'tintype'

/** One function for each member. */
type Each<Api> = { [Name in keyof Api]-?: () => unknown }
/** All options, none left out. */
type All<Options> = { [Name in keyof Options]-?: Options[Name] }

const pool = new pg.Pool()
const credentials: Credentials = { accessKeyId: 'AKIA', secretAccessKey: 'secret' }
const provider: CredentialsProvider = async () => ({ ...credentials, expiration: new Date() })
const proxy: ProxySettings = { NO_PROXY: '*' }
const encryption: Encryption = { algorithm: 'aws:kms', kmsKeyId: 'alias/photos', bucketKey: true }
const bucket: All<BucketOptions> = {
  name: 'photos',
  endpoint: undefined,
  publicEndpoint: undefined,
  prefix: 'photos/',
  region: 'eu-central-1',
  credentials: provider,
  auditCredentials: credentials,
  requireChecksum: true,
  multipart: false,
  encryption,
  proxy,
}
const database: DatabaseOptions = { pool, schema: 'photos', tablePrefix: 'photos_' }
const limits: All<LimitOptions> = {
  imageBytes: 1,
  videoBytes: 1,
  files: 1,
  pixels: 1,
  frames: 1,
  fields: 0,
  fieldBytes: 1,
  fieldNameBytes: 1,
  memory: undefined,
}
const privacy: All<PrivacyOptions> = { location: 'keep', identifiers: 'remove', credentials: undefined }
const view: All<VariantOptions> = {
  width: 2048,
  height: 2048,
  fit: 'cover',
  format: 'jpeg',
  quality: 80,
  eager: false,
}
const times: All<TimeOptions> = {
  uploadDeadline: 900,
  signRead: 3600,
  signWrite: undefined,
  session: 86_400,
  sweepGrace: 300,
  undo: 86_400,
  stall: 30,
  hook: 30,
  transaction: 5,
  scan: 600,
  scanAnswer: 10,
}
const quotas: Quotas = (owner) => (owner === 'free' ? { bytes: 1_000_000, media: 10, sessions: 2 } : {})
const rate: Rate = { count: 10, seconds: 60 }
const rates: All<RateOptions> = { writes: rate }
const canView: CanView = ({ media, owner, request }) => media.owner === owner || request.url === '/shared'
const webhooks: WebhookOptions[] = [
  { url: 'https://app.example/hooks', secret: ['whsec_new', 'whsec_old'], events: ['ready'], name: 'app' },
]
const log: Log = { info: (event, fields) => void [event, fields], warn() {}, error() {} }
const clock: Clock = { now: () => Date.now(), after: () => () => {} }
const authenticate: Authenticate = (req: RequestOfApp) => req.headers['x-user']?.toString()

const routeHooks: All<RouteHooks> = {
  beforeUpload({ owner, name, type, bytes, way, fields, request, signal, ...more }: AnnouncedFile) {
    const { replaces, uploadId } = more
    const by: Way = way
    const text: FieldValue | undefined = fields.title
    const choice: UploadChoice = { privacy: { location: 'keep' } }
    if (
      replaces !== undefined ||
      uploadId === '' ||
      signal.aborted ||
      request?.url === '/' ||
      Number(bytes) > 9
    )
      return choice
    throw refuse(`${owner}, no ${type} by ${by}: ${name} ${text}`, { status: 403, code: 'too_many_photos' })
  },
  async transform({
    bytes,
    type,
    width,
    height,
    name,
    caption,
    owner,
    location,
  }: FileInMemory): Promise<Transformed> {
    const place: Location | undefined = location
    const data = { width, height, owner, type, north: place?.latitude }
    return { bytes: new Uint8Array(bytes), name: `x-${name}`, caption: caption ?? null, data }
  },
  async scan({ read, type, bytes, sha256, owner }: FileToScan) {
    const head: ByteRange = { start: 0, end: 99 }
    for await (const chunk of read(head)) if (chunk === sha256) throw refuse(`${owner}: ${type} of ${bytes}`)
  },
  async ready(made: Media, { trx, fields, request, location }: AboutReady) {
    const cleaned: Cleaned | null = made.cleaned
    const open: HookTransaction = trx
    if ('query' in open) await open.query('insert into post (photo) values ($1)', [made.id])
    else open.prepare('insert into post (photo) values (?)').run(made.id)
    void [fields.title, request?.headers, location?.longitude, cleaned?.unsure]
  },
  concerns: ({ owner, way, request }) => owner !== 'guest' && way !== 'server' && request?.method === 'POST',
}
const hooks: All<Hooks> = {
  ...routeHooks,
  removed: ({ id }: Media, { owner, why, signal }: AboutRemoved) => void [id, owner, why, signal],
  restored: ({ id }: Media, { owner, trx, signal }: AboutRestored) => void [id, owner, trx, signal],
}

const findClaim: FindClaim = async ({ id, owner }) => (id === owner ? null : `post:${id}`)

const options: All<TintypeOptions> = {
  authenticate,
  bucket,
  database,
  publicUrl: 'https://photos.example',
  directory: './data',
  accept: ['image/jpeg'],
  ffmpeg: '/usr/bin/ffmpeg',
  limits,
  privacy,
  variants: { thumb: { width: 320 }, view },
  times,
  claimWithin: 3600,
  findClaim,
  origins: ['https://app.example'],
  hooks,
  quotas,
  rates,
  canView,
  patchable: ['alt', 'data'],
  outbox: ['mail'],
  webhooks,
  log,
  clock,
}
const tintype: Tintype = await createTintype(options)
// By what a framework hands over.
await createTintype({ authenticate: (req: ExpressRequest) => req.get('X-User') ?? null })
await createTintype({ authenticate: async (request: Request) => request.headers.get('X-User') })
await createTintype({ authenticate: 'this-machine', bucket: 'photos', database: './photos.db' })

// With types of the app's own: for its owners' ids, and for what it keeps with a media.
type UserId = string & { readonly brand: 'user' }
interface Kept {
  album: number
}
declare function userOf(req: object): UserId | null
const typed = await createTintype({
  authenticate: async (request: Request) => userOf(request),
  hooks: {
    transform({ owner, request }) {
      const [user, by]: [UserId, Request | undefined] = [owner, request]
      return by && user ? { data: { album: 7 } } : undefined
    },
    ready: (media) => void media.data?.album.toFixed(),
  },
  quotas: (owner: UserId) => (owner.brand ? {} : {}),
})
const named: Tintype<UserId, Kept> = typed
const explicit = await createTintype<RequestOfApp, UserId, Kept>({ authenticate: (req) => userOf(req) })
declare const user: UserId
const album = async (): Promise<number | undefined> => {
  await explicit.media.create({ path: 'a.jpg' }, { owner: user, data: { album: 1 } })
  // The check is that this does not compile.
  // @ts-expect-error: not what is kept
  await explicit.media.create({ path: 'a.jpg' }, { owner: user, data: { albums: 1 } })
  // Nor does this.
  // @ts-expect-error: any string is no id
  await named.media.list({ owner: 'ann' })
  named.on('ready', (media, { data }) => void [media.data?.album, data.owner.brand])
  return (await named.media.get('id', { owner: user }))?.data?.album
}
// Any string is an owner where the ids have no type of their own; a number is none.
const literal = await createTintype({
  authenticate: () => 'me',
  quotas: (owner) => (owner === 'ann' ? {} : {}),
})
const ann = () => literal.media.list({ owner: 'ann' })
// Nor this.
// @ts-expect-error: ids are strings
const numbers = () => createTintype({ authenticate: () => 5 })

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
const query: All<MediaQuery> = { ...selection, search: 'lisbon', order: 'oldest', limit: 10, cursor: '' }
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
export const all = { album, ann, numbers, api, calls, answerErrors, problem, ConfigError }
