import type { Usage } from '@tintype/protocol'
import type { MediaClaims } from './claims.ts'
import type { RebuildRequest, RebuildTotals } from './derive/rebuild.ts'
import type { Middleware } from './doors/express.ts'
import type { MulterStorage } from './doors/multer-types.ts'
import type { NodeDoor } from './doors/node.ts'
import type { FormOptions, RequestMedia, UploadFields, UploadOptions } from './doors/upload-options.ts'
import type { WebDoor } from './doors/web.ts'
import type { EventHandler } from './events/delivery.ts'
import type { EventListener } from './events/listeners.ts'
import type { MediaCreation } from './intake/server/media-creation.ts'
import type { MediaApi } from './media-api.ts'
import type { MediaUndo } from './media-undo.ts'
import type { Rate, RateLimit } from './quotas/rates.ts'
import type { EventKind } from './records/schema.ts'
import type { Status } from './status.ts'

declare global {
  namespace Express {
    interface Request {
      /** What `tintype.upload()` has made of the files in this request. */
      media?: RequestMedia
    }
  }
}

/** What `createTintype` makes. */
export interface Tintype<Owner = string, Data = unknown> {
  /** The HTTP API for Express 4 and 5, and for Connect: `app.use('/api', tintype.router)`. */
  router: Middleware
  /** The HTTP API for `node:http` and what hands on its requests: `createServer((req, res) => tintype.node(req, res))`. */
  node: NodeDoor
  /**
   * The HTTP API for Web requests, as of Hono and Next. Bodies are streamed both ways.
   * @example app.all('/api/*', (c) => tintype.fetch(c.req.raw))
   */
  fetch: WebDoor
  /**
   * Middleware for your own route: takes the files of a form. `req.media` holds the media that were made: of one field a
   * list, in the order of the form; of several an object with the list of each. `req.body` holds the text fields, as Multer
   * makes them. Answers errors itself, unless `errors: 'next'`.
   * @example app.post('/posts', tintype.upload('photo'), (req, res) => res.json(req.media))
   * @example app.post('/posts', tintype.upload({ cover: { max: 1 }, gallery: { max: 8, required: false } }), (req, res) => res.json(req.media?.cover))
   */
  upload(field: string, options?: UploadOptions): Middleware
  upload(fields: UploadFields, options?: FormOptions): Middleware
  /** For people who have Multer already: `multer({ storage: tintype.storage() })`; each file has `media`. */
  storage(): MulterStorage
  /** Media for the app's own code: those that are there, and those that it makes. */
  media: MediaApi<Owner, Data> & MediaUndo<Owner, Data> & MediaCreation<Owner, Data> & MediaClaims<Owner>
  /**
   * What an owner has, and may have.
   * @example const { bytes, limits } = await tintype.usage(user.id)
   */
  usage(owner: Owner): Promise<Usage>
  /**
   * Listens in this process, from now on: after the commit, once, and not at all when the process dies in between. For
   * what must not be missed there is {@link Tintype.outbox}. What a listener throws is logged and changes nothing.
   *
   * @returns stops listening
   * @example tintype.on('ready', (media, { data }) => console.log(data.owner, media.urls?.thumb))
   */
  on<Kind extends EventKind>(kind: Kind, listener: EventListener<Kind, Owner, Data>): () => void
  /**
   * Takes each event at least once, through crashes, in the order of each photo or video, several of them at a time. What
   * the handler throws is tried again, later and later, for three days. Needs the option `outbox`.
   *
   * @param args the handler; before it its name, where the option has named several
   * @throws {ConfigError} where there is no such handler, or it has been given already
   * @example tintype.outbox(async (event) => { if (event.type === 'media.removed') await forget(event.data.media.id) })
   */
  outbox(
    ...args: [handler: EventHandler<Owner, Data>] | [name: string, handler: EventHandler<Owner, Data>]
  ): void
  /**
   * A limit of the app's own, for instance for its sign-in, counted where those of `rates` are.
   * @param name limits of one name count together
   * @example const signIns = tintype.rateLimit('sign-in', { count: 10, seconds: 60 }) // await signIns.demand(req.ip)
   */
  rateLimit(name: string, rate: Rate): RateLimit
  /**
   * Says that a session of this owner has ended. Pages that listen to `GET /events` are asked by `authenticate` anew, in every
   * process within about a second, and the connections of those that are not signed in any more end. They are asked
   * before each event in any case, and every 20 seconds.
   * @example await sessions.endAllOf(user); tintype.signedOut(user.id)
   */
  signedOut(owner: Owner): void
  /**
   * Says to pages of this owner that something of the app's own has changed, by the stream of `GET /events` that they listen to
   * already: `event: announced`, `data: {"topic":"album","id":"…"}`. A hint to look, in every process within about a second; a page that is
   * not there misses it.
   * @param topic a short name, of small letters, digits and hyphens
   * @throws {TypeError} for a topic or id that is none
   * @example tintype.announce(user.id, 'album', album.id) // library.live(listener, { onAnnounced: ({ topic, id }) => … })
   */
  announce(owner: Owner, topic: string, id: string): void
  /**
   * Makes the variants anew that the option `variants` has changed or added, and removes those that it doesn't name any more.
   * When it ends half-way, the next call goes on.
   * @example await tintype.rebuildVariants({ onProgress: ({ photos, allPhotos }) => console.log(`${photos} of ${allPhotos}`) })
   */
  rebuildVariants(options?: RebuildRequest): Promise<RebuildTotals>
  /** Numbers for Prometheus, as text: `app.get('/metrics', async (req, res) => res.type('text/plain').send(...))`. */
  metrics(): Promise<string>
  /**
   * What is under way at this moment, for a page of the app's own operators: it names keys and uploads of all owners.
   * @example const { memory, outbox } = await tintype.status()
   */
  status(): Promise<Status>
  /** Throws when the database or the bucket does not answer. */
  check(): Promise<void>
  /** Where view URLs lead, for an app's own Content-Security-Policy: an origin, or `'self'`. */
  viewOrigin: string
  /**
   * Refuses new uploads, finishes those in progress, stops the sweeper, closes everything. Requests and calls from then
   * on are refused with `shutting_down`. Safe to call again.
   */
  close(): Promise<void>
}
