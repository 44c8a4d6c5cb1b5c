// What an app may say to createTintype, type-checked against the packed packages as strictly as an app may be; nothing of it is run.
// What is an object here has a member for each of the API's, so a new one that is not used here is an error.
import type { Request as ExpressRequest } from 'express'
import pg from 'pg'
import {
  type AboutReady,
  type AboutRemoved,
  type AboutRestored,
  type AnnouncedFile,
  type Authenticate,
  type BucketOptions,
  type ByteRange,
  type CanView,
  type Cleaned,
  type Clock,
  type Credentials,
  type CredentialsProvider,
  createTintype,
  type DatabaseOptions,
  type Encryption,
  type FieldValue,
  type FileInMemory,
  type FileToScan,
  type FindClaim,
  type Hooks,
  type HookTransaction,
  type LimitOptions,
  type Location,
  type Log,
  type Media,
  type PrivacyOptions,
  type ProxySettings,
  type Quotas,
  type Rate,
  type RateOptions,
  type RequestOfApp,
  type RouteHooks,
  refuse,
  type TimeOptions,
  type Tintype,
  type TintypeOptions,
  type Transformed,
  type UploadChoice,
  type VariantOptions,
  type Way,
  type WebhookOptions,
} from 'tintype'

/** All options, none left out. */
export type All<Options> = { [Name in keyof Options]-?: Options[Name] }

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
export const rate: Rate = { count: 10, seconds: 60 }
const rates: All<RateOptions> = { writes: rate }
const canView: CanView = ({ media, owner, request }) => media.owner === owner || request.url === '/shared'
const webhooks: WebhookOptions[] = [
  { url: 'https://app.example/hooks', secret: ['whsec_new', 'whsec_old'], events: ['ready'], name: 'app' },
]
const log: Log = { info: (event, fields) => void [event, fields], warn() {}, error() {} }
const clock: Clock = { now: () => Date.now(), after: () => () => {} }
const authenticate: Authenticate = (req: RequestOfApp) => req.headers['x-user']?.toString()

export const routeHooks: All<RouteHooks> = {
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
export const tintype: Tintype = await createTintype(options)
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
export const album = async (): Promise<number | undefined> => {
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
export const ann = () => literal.media.list({ owner: 'ann' })
// Nor this.
// @ts-expect-error: ids are strings
export const numbers = () => createTintype({ authenticate: () => 5 })
