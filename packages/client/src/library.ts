/** What is in a Tintype server, for a page or a program: list, look, change, remove, restore, and hear of changes. */
import { type Media, type MediaPage, routes, type Usage, usageRoute } from '@tintype/protocol'
import { networkError, UploadError } from './errors.ts'
import { failure, readAnswer } from './json.ts'
import { type LibraryEvent, type LiveOptions, listenLive } from './live.ts'
import { onAbort } from './older-browsers.ts'
import { createSignInPrompt } from './sign-in.ts'
import { withTimeLimit } from './time-limit.ts'
import { type Answer, type Credentials, type Outgoing, type RequestHeaders, send } from './transport.ts'

export type { Media, MediaKind, MediaPage, MediaUrls, Problem, Usage } from '@tintype/protocol'
export { UploadError, type UploadErrorCode } from './errors.ts'
export type { LibraryEvent, LiveOptions, LiveState } from './live.ts'
export type { Credentials, RequestHeaders } from './transport.ts'

/** Options of {@link createLibrary}. */
export interface LibraryOptions {
  /** Where the API is mounted, e.g. `/api` or `https://photos.example.org/api`. */
  endpoint: string
  /** Sent with every request, e.g. `{ Authorization: 'Bearer …' }`. A function is asked before each: for tokens that are renewed. */
  headers?: RequestHeaders | undefined
  /** `include` sends cookies to a server on another origin, too, which has to name this page's. @default 'same-origin' */
  credentials?: Credentials | undefined
  /**
   * Called once for all requests when the session has ended (401). They wait until it resolves and are then sent again; if
   * it rejects, they fail. @default they fail
   */
  signIn?: ((error: UploadError) => Promise<void>) | undefined
  /** Milliseconds without an answer after which the server counts as unreachable. @default 30,000 */
  timeout?: number | undefined
}

/** Which media, and in which order. */
export interface LibraryQuery {
  /** By when they came, or by when they were taken. @default 'newest' */
  order?: 'newest' | 'oldest' | 'taken' | 'taken-oldest' | undefined
  /** Photos or videos alone. */
  kind?: 'image' | 'video' | undefined
  /** Those that were removed and can still be restored, instead of the others. */
  removed?: boolean | undefined
  /** Only what was sent with one of these SHA-256, lower-case hex: at most 100. */
  sha256?: readonly string[] | undefined
  /**
   * Words, all of which stand in the name or in the caption. A year, month or day (`2026`, `september 2026`, `2026-09-14`) finds what was
   * taken then, too; months are named in the browser's languages or in English.
   */
  search?: string | undefined
  /** The time zone whose days count in `search` for what was taken nobody knows where, e.g. `Europe/Berlin`. @default 'UTC' */
  zone?: string | undefined
  /** 1 to 1000. @default 50 */
  limit?: number | undefined
  /** `next` of the page before. */
  cursor?: string | null | undefined
  /** Gives up on it. */
  signal?: AbortSignal | undefined
}

/** What people say of a photo or video: null removes it. */
export type LibraryChange<Data = unknown> = Partial<Pick<Media<Data>, 'caption' | 'alt' | 'data'>>

/** The media of one owner, at the server. Every method throws {@link UploadError}, whose message is fit for people. */
export interface Library<Data = unknown> {
  /** One page. */
  list(query?: LibraryQuery): Promise<MediaPage<Data>>
  /** One photo or video, with fresh signed URLs. @throws {UploadError} `not_found` */
  get(id: string, options?: { signal?: AbortSignal | undefined }): Promise<Media<Data>>
  /**
   * Changes what is given. Given the media, only if nobody else has changed it meanwhile (`If-Match` with its revision):
   * else `precondition_failed`, and nothing is lost. Given an id alone, whatever has happened.
   * @throws {UploadError} `not_found`, `precondition_failed`
   */
  change(
    media: string | Pick<Media<Data>, 'id' | 'revision'>,
    change: LibraryChange<Data>,
  ): Promise<Media<Data>>
  /**
   * Removes it from every list. What is absent already counts as removed.
   * @param options.final no undo: the server deletes it at once
   * @returns until when {@link Library.restore} brings it back: RFC 3339; null where it can't
   */
  remove(id: string, options?: { final?: boolean | undefined }): Promise<{ restorableUntil: string | null }>
  /** Brings back what was removed. @throws {UploadError} `not_found`, or 410 when it is too late */
  restore(id: string): Promise<Media<Data>>
  /** What is used, and what may be. */
  usage(): Promise<Usage>
  /**
   * Calls back within about a second of what happens to the media, here, in other tabs and on other devices. Goes on after
   * a lost connection and tells what was missed; a page that is hidden for a minute listens again when it is shown.
   *
   * @returns ends it
   * @example
   * const stop = library.live((event) => {
   *   if (event.type === 'removed') gone(event.id)
   *   else if (event.type === 'reset') reloadAll()
   *   else show(event.media)
   * })
   */
  live(listener: (event: LibraryEvent<Data>) => void, options?: LiveOptions): () => void
}

/**
 * The media that a server has of the owner who is signed in: the same calls for a gallery, an app's own page, or a program.
 *
 * @example
 * const library = createLibrary({ endpoint: '/api' })
 * const { media, next } = await library.list({ order: 'taken', limit: 60 })
 * if (media[0]) await library.change(media[0], { caption: 'Lisbon' })
 */
export function createLibrary<Data = unknown>(options: LibraryOptions): Library<Data> {
  const { headers: own, credentials, signIn, timeout = 30_000 } = options
  const endpoint = options.endpoint.replace(/\/+$/, '')
  const prompt = createSignInPrompt(signIn)

  /** Sends it, and again after a new sign-in. */
  const ask = async (request: Omit<Outgoing, 'url'> & { path: string }): Promise<Answer> => {
    const { path, ...rest } = request
    const headers = { Accept: 'application/json', ...request.headers }
    const since = prompt.session
    const answer = await inTime({ ...rest, url: endpoint + path, headers, own, credentials }, timeout)
    if (answer.status !== 401) return answer
    const renewed = prompt.renew(failure(answer), since)
    if (!renewed) return answer
    await renewed
    return ask(request)
  }
  const json = async (member: string, request: Parameters<typeof ask>[0]) =>
    readAnswer(await ask(request), member)

  return {
    async list({ signal, search, zone, cursor, removed, limit, order, kind, sha256 } = {}) {
      const asked = { order, kind, q: search, zone, limit, cursor, sha256 }
      const all = { ...asked, removed: removed ? 1 : undefined }
      const given = Object.entries(all).filter(([, value]) => value !== undefined && value !== null)
      const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
      const path = routes.media + (query && `?${query}`)
      return (await json('media', { method: 'GET', path, signal })) as MediaPage<Data>
    },

    get: async (id, { signal } = {}) =>
      (await json('id', { method: 'GET', path: routes.mediaItem(id), signal })) as Media<Data>,

    async change(media, change) {
      const [id, known] =
        typeof media === 'string' ? [media, {}] : [media.id, { 'If-Match': `"${media.revision}"` }]
      return (await json('id', {
        method: 'PATCH',
        path: routes.mediaItem(id),
        headers: { 'Content-Type': 'application/json', ...known },
        body: JSON.stringify(change),
      })) as Media<Data>
    },

    async remove(id, { final = false } = {}) {
      const path = routes.mediaItem(id) + (final ? '?final=1' : '')
      const answer = await ask({ method: 'DELETE', path })
      if (answer.status === 200) return readAnswer(answer, 'restorableUntil') as { restorableUntil: string }
      if (answer.status === 202 || answer.status === 204) return { restorableUntil: null }
      const error = failure(answer)
      if (error.code === 'not_found') return { restorableUntil: null }
      throw error
    },

    restore: async (id) =>
      (await json('id', { method: 'POST', path: routes.mediaRestore(id) })) as Media<Data>,

    usage: async () => (await json('limits', { method: 'GET', path: usageRoute })) as Usage,

    live: (listener, live) =>
      listenLive<Data>(listener, {
        ...live,
        url: endpoint + routes.events,
        headers: own,
        credentials,
        renew: prompt.renew,
        session: () => prompt.session,
      }),
  }
}

/** The answer, or a `network` error when there is none in time: some browsers wait for ever. */
async function inTime(request: Outgoing, timeout: number): Promise<Answer> {
  const controller = new AbortController()
  const unlisten = onAbort(request.signal, () => controller.abort(request.signal?.reason))
  try {
    request.signal?.throwIfAborted()
    return await withTimeLimit(send({ ...request, signal: controller.signal }), timeout)
  } catch (error) {
    controller.abort(error)
    request.signal?.throwIfAborted()
    throw error instanceof UploadError ? error : networkError(error)
  } finally {
    unlisten()
  }
}
