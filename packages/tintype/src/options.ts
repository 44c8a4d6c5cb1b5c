import type { Media } from '@tintype/protocol'
import type { RequestOfApp } from './app-request.ts'
import type { BucketOptions } from './bucket/bucket.ts'
import type { Clock } from './clock.ts'
import type { Hooks } from './hooks/types.ts'
import type { Log } from './log.ts'
import type { PrivacyOptions } from './privacy/policy.ts'
import type { Rate } from './quotas/rates.ts'
import type { Quotas } from './quotas/room.ts'
import type { DatabaseOptions } from './records/database.ts'
import type { VariantOptions } from './settings/variants.ts'
import type { WebhookOptions } from './settings/webhooks.ts'

export type { PrivacyOptions, RequestOfApp }

/**
 * What an app may say to `createTintype`. Kinds, ranges and defaults are in `settings/options.ts`; what makes no sense
 * is a `TypeError` at the start. `undefined` is the default wherever it stands.
 */
export interface TintypeOptions<
  AppRequest extends object = RequestOfApp,
  Owner extends string = string,
  Data = unknown,
> {
  /**
   * The owner that a request comes from: an id of your choice, or null for nobody (401). Owners see only what is theirs.
   * `'this-machine'` is one owner for requests of this very machine: they have to name it (`localhost`, `127.0.0.1`),
   * come from it, and come by no proxy.
   */
  authenticate: 'this-machine' | Authenticate<AppRequest, Owner>
  /**
   * Where objects go: a bucket's name or more about it. Left out: an S3 server inside this process keeps them below
   * `directory`, and is reached through the router. `undefined` given by name is refused: a variable was not set.
   */
  bucket?: string | BucketOptions
  /**
   * `postgres://user:password@host/database` or the path of an SQLite file; or more about it: the app's own pool, a
   * schema, a prefix of the tables. `undefined` given by name is refused. @default `<directory>/tintype.db`
   */
  database?: string | DatabaseOptions
  /**
   * The address of the app as people reach it, for instance behind a proxy: `https://photos.example`, or with the path
   * that it is below, `https://example.org/photos`. @default the Host of each request, and for URLs that no request asks
   * for (`tintype.media.url()`) a path
   */
  publicUrl?: string | undefined
  /** Folder of the embedded S3 and of SQLite. @default './data' */
  directory?: string | undefined
  /** Media types that are taken, as read off the bytes, e.g. `['image/jpeg', 'image/png']`. @default all known */
  accept?: readonly string[] | undefined
  /**
   * Makes the posters of videos whose codec `@napi-rs/webcodecs` can't decode: the absolute path of the program, or false
   * not to use it. See docs/video.md.
   * @default the one of the PATH, if there is one
   */
  ffmpeg?: string | false | undefined
  /** How much is taken. */
  limits?: LimitOptions | undefined
  /**
   * Smaller copies of each photo, by name: upright, in sRGB, without metadata, never enlarged. See docs/pictures.md.
   * @default { thumb: { width: 320 }, view: { width: 2048 } }
   * @example const variants = { thumb: { width: 320 }, tile: { width: 400, height: 400, fit: 'cover' }, print: { width: 4096, format: 'jpeg', eager: false } }
   */
  variants?: Readonly<Record<string, VariantOptions>> | undefined
  /**
   * What one owner may have, the same for everybody or a function of the owner, for plans: `quotas: async (owner) =>
   * (await isPaying(owner)) ? {} : { media: 50 }`. See docs/limits.md.
   * @default no limit
   */
  quotas?: Quotas<OwnerOf<Owner>> | undefined
  /** How often something may be asked. See docs/limits.md. @default no limit */
  rates?: RateOptions | undefined
  /** What is removed from files before they are stored, without touching a pixel. See docs/privacy.md. */
  privacy?: PrivacyOptions | undefined
  /** How long things last, in whole seconds. */
  times?: TimeOptions | undefined
  /** What the app has to say to each upload, on every way in: see docs/hooks.md. */
  hooks?: Hooks<AppRequest, OwnerOf<Owner>, Data> | undefined
  /**
   * Lets some see what belongs to others, by `GET /media/:id`, `/media/:id/:name` and `/media/:id/image` alone: true shows it, all else is 404 as
   * if there were none. Not asked about their own. `owner` is who asks, null for nobody. @default nobody sees what is another's
   * @example const canView: CanView = async ({ media, owner }) => owner !== null && areFriends(owner, media.owner)
   */
  canView?: CanView<AppRequest, OwnerOf<Owner>, Data> | undefined
  /**
   * What clients may change by `PATCH /media/:id`. `data` is not among it unless it is named: an app that keeps prices or
   * rights there must not find what a user has written. @default ['caption', 'alt']
   */
  patchable?: readonly ('caption' | 'alt' | 'data')[] | undefined
  /**
   * Seconds after which media that the app has not claimed are removed: for apps with tables of their own, whose
   * users may upload and then never send the form. @default they stay
   */
  claimWithin?: number | undefined
  /**
   * Asked before media that nothing has claimed within `claimWithin` is removed: what of your own uses it? What you name
   * claims it. For records in another database than Tintype's, where a crash may stand between record and claim; see
   * docs/records.md. When it throws, or takes longer than 30 seconds, the media is kept and asked about again later.
   * @returns what uses the media, in your words, such as `post:42`; null or undefined for nothing
   * @default nothing is asked
   */
  findClaim?: FindClaim | undefined
  /**
   * Other origins whose pages may use the router and `tintype.upload()`, e.g. `http://localhost:5173`: they may write,
   * and the answers have the headers of CORS. @default none
   */
  origins?: readonly string[] | undefined
  /**
   * Keeps what happens in the ledger until a handler has taken it: see {@link Tintype.outbox}. Names, where there are
   * several handlers, each of which gets every event. All processes on one database are given the same. @default off
   */
  outbox?: boolean | readonly string[] | undefined
  /** Sends what happens to these addresses, signed, at least once. @default none */
  webhooks?: readonly WebhookOptions[] | undefined
  /**
   * Where events go: `console`, Pino, or any object with `info`, `warn` and `error`; {@link createLog} writes lines of JSON.
   * @default nowhere, but what needs a person's attention is a warning of Node (`process.on('warning')`)
   */
  log?: Log | undefined
  /** Where time comes from, for tests. @default the system's */
  clock?: Clock | undefined
}

/**
 * Says whose a request is. It is given the request as its framework has it: Express's own, Node's `IncomingMessage`, or for
 * `tintype.fetch` a Web `Request`. Name the type where it is another than Node's: `(request: Request) => …`.
 *
 * @returns an owner's id of the app's choice; null or undefined for nobody, which is answered with 401
 */
export type Authenticate<AppRequest extends object = RequestOfApp, Owner extends string = string> = {
  // As a method, since a framework's type of request may be narrower than what we know of it.
  authenticate(req: AppRequest): OwnerOrNobody<Owner> | Promise<OwnerOrNobody<Owner>>
}['authenticate']

/** Says whether a request may see a photo or video of another owner. */
export type CanView<AppRequest extends object = RequestOfApp, Owner = string, Data = unknown> = {
  // As a method, like `Authenticate`.
  canView(about: {
    /** With its owner. */
    media: Media<Data> & { owner: Owner }
    /** The owner that asks, as `authenticate` says; null for nobody. */
    owner: Owner | null
    request: AppRequest
  }): boolean | Promise<boolean>
}['canView']

/** What `authenticate` answers with: an owner's id, or null for nobody. */
export type OwnerOrNobody<Owner extends string = string> = Owner | null | undefined

/** The type of the ids: that of the app, if it has one of its own for them; a string for one that answers with `'me'`. */
export type OwnerOf<Owner extends string> = Record<never, never> extends Record<Owner, 1> ? Owner : string

/** Says what of the app's uses media that is about to be removed; see {@link TintypeOptions.findClaim}. */
export type FindClaim = (media: {
  id: string
  /** The owner it belongs to. */
  owner: string
}) => string | null | undefined | Promise<string | null | undefined>

/** How much is taken. */
export interface LimitOptions {
  /** Bytes of one picture. @default 32 MiB */
  imageBytes?: number | undefined
  /** Bytes of one video. @default 10 GiB */
  videoBytes?: number | undefined
  /** Files in one request. @default 10 */
  files?: number | undefined
  /** Width times height of one picture. @default 100,000,000 */
  pixels?: number | undefined
  /** Frames of one animated picture. @default 1000 */
  frames?: number | undefined
  /** Text fields in one form. @default 50 */
  fields?: number | undefined
  /** Bytes of one text field. @default 65,536 */
  fieldBytes?: number | undefined
  /** Bytes of a text field's name. @default 200 */
  fieldNameBytes?: number | undefined
  /**
   * Bytes of memory that uploads, and the processes that look into them, may use together; see docs/memory.md.
   * @default a quarter of what there is, at most 512 MiB
   */
  memory?: number | undefined
}

/** How often something may be asked. */
export interface RateOptions {
  /**
   * Writes of one owner: uploads, changes, deletions. Those that nobody is known for count for their address. What belongs
   * to a direct upload that has begun does not count. @default no limit
   */
  writes?: Rate | undefined
}

/** How long things last, in whole seconds. */
export interface TimeOptions {
  /** An unfinished upload is deleted after this time. @default 900 */
  uploadDeadline?: number | undefined
  /** A view URL is good for at most this time. @default 3600 */
  signRead?: number | undefined
  /** A URL to which a browser writes is good for this time. @default 900 */
  signWrite?: number | undefined
  /** A direct upload has to be complete within this time. @default 86400 */
  session?: number | undefined
  /** Keys that may still be written to are deleted once more after this time; replaced bytes stay as long. @default 300 */
  sweepGrace?: number | undefined
  /**
   * What was removed or replaced can be had again within this time, and takes up its room until then: see docs/undo.md. A
   * change holds for what is removed from then on. @default 0, so that it is deleted at once
   */
  undo?: number | undefined
  /** A sender that stalls is refused after this time. @default 30 */
  stall?: number | undefined
  /** A hook of the app that takes longer ends its upload. @default 30 */
  hook?: number | undefined
  /** The hook `scan` may take this long for one file. @default 600 */
  scan?: number | undefined
  /** An upload whose scan takes longer is answered with 202, and can be asked for. @default 10 */
  scanAnswer?: number | undefined
  /** The same of the hooks that run inside a transaction, `ready`, `removed` and `restored`: others wait for it. @default 5 */
  transaction?: number | undefined
}
