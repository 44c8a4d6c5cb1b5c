import type { Media } from '@tintype/protocol'
import { networkError, UploadError } from './errors.ts'
import { failure } from './json.ts'
import { follow, onAbort } from './older-browsers.ts'
import { sleepTimer } from './retry.ts'
import { type Credentials, headersOf, type RequestHeaders } from './transport.ts'

/**
 * What has happened to a media. `ready`: it is new. `changed`: it has another caption, other bytes or further sizes.
 * `removed`, `restored`. `reset`: more has happened than can be told, so list again.
 */
export type LibraryEvent<Data = unknown> =
  | { type: 'ready' | 'changed' | 'restored'; media: Media<Data> }
  | { type: 'removed'; id: string }
  | { type: 'reset' }

/** Whether changes are heard of now. `error`: why not; null while it begins, or the page is hidden. */
export type LiveState = { connected: true } | { connected: false; error: UploadError | null }

/** Options of {@link Library.live}. */
export interface LiveOptions {
  /** Told whenever the connection comes or goes. */
  onState?: ((state: LiveState) => void) | undefined
  /** Told of what the app announces itself, by `tintype.announce` on the server. After a `reset`, of which it is told nothing, look too. */
  onAnnounced?: ((announced: { topic: string; id: string }) => void) | undefined
}

interface Listening extends LiveOptions {
  url: string
  headers: RequestHeaders | undefined
  credentials: Credentials | undefined
  /** See `SignInPrompt`. */
  renew(error: UploadError, since: number): Promise<void> | undefined
  session(): number
}

/** Milliseconds. The server sends something at least every 20 seconds. */
const longestSilence = 50_000
const firstPause = 1000
const longestPause = 60_000
/** A browser has six connections to an origin by HTTP/1.1: pages that nobody sees give theirs back. */
const hiddenFor = 60_000

/**
 * Listens to server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) by fetch: `EventSource` can
 * carry no token, and tells no status. @returns ends it
 */
export function listenLive<Data>(
  listener: (event: LibraryEvent<Data>) => void,
  options: Listening,
): () => void {
  const { onState = () => {}, onAnnounced = () => {}, renew, session } = options
  const end = new AbortController()
  const { signal } = end
  let last: string | undefined
  let failures = 0

  const onEvent = ({ id, type, data }: ServerEvent) => {
    if (id !== undefined) last = id
    failures = 0
    if (signal.aborted || data === '') return
    const body = JSON.parse(data)
    if (type === 'reset') listener({ type })
    else if (type === 'announced') onAnnounced({ topic: body.topic, id: body.id })
    else if (type === 'removed') listener({ type, id: body.id })
    else if (type === 'ready' || type === 'changed' || type === 'restored') listener({ type, media: body })
  }

  /** One connection, until it ends. @throws {UploadError} */
  const connect = async (connection: AbortSignal) => {
    const response = await answered(
      fetch(options.url, {
        headers: await headersOf({
          own: options.headers,
          headers: { Accept: 'text/event-stream', ...(last === undefined ? {} : { 'Last-Event-ID': last }) },
        }),
        ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
        cache: 'no-store',
        signal: connection,
      }),
    )
    if (response.status !== 200 || !response.body) throw await refusal(response)
    onState({ connected: true })
    await read(response.body.getReader(), onEvent)
  }

  const run = async () => {
    while (!signal.aborted) {
      await shown(signal)
      const since = session()
      const connection = new AbortController()
      const unfollow = follow(connection, signal)
      const rest = whenHidden(() => connection.abort())
      let error: unknown
      try {
        await connect(connection.signal)
      } catch (thrown) {
        error = thrown
      }
      unfollow()
      rest()
      connection.abort()
      if (signal.aborted) return
      const why = error instanceof UploadError ? error : null
      onState({ connected: false, error: why })
      const renewed = why && renew(why, since)
      if (renewed) {
        await renewed
        continue
      }
      if (why && !why.retryable) return
      // A connection that has ended well, as when the server restarts, is made again soon.
      const pause = Math.max(why?.retryAfter ?? 0, Math.min(longestPause, firstPause * 2 ** failures++))
      await sleepTimer(pause * (0.5 + Math.random() / 2), signal)
    }
  }
  run().catch((error: unknown) => {
    if (!signal.aborted) onState({ connected: false, error: error instanceof UploadError ? error : null })
  })
  return () => end.abort()
}

interface ServerEvent {
  id: string | undefined
  type: string
  data: string
}

/** Tells every event of a stream, those without data too. @throws {UploadError} when nothing comes for too long */
async function read(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  tell: (event: ServerEvent) => void,
): Promise<void> {
  const decoder = new TextDecoder()
  let rest = ''
  let event: ServerEvent = { id: undefined, type: 'message', data: '' }
  for (;;) {
    const { done, value } = await answered(withSilenceLimit(reader))
    if (done) return
    const lines = (rest + decoder.decode(value, { stream: true })).split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const [, name, text = ''] = /^(\w*):? ?(.*)$/.exec(line) ?? []
      if (line === '') {
        tell(event)
        event = { id: undefined, type: 'message', data: '' }
      } else if (name === 'id') event.id = text
      else if (name === 'event') event.type = text
      else if (name === 'data') event.data += text
    }
  }
}

function withSilenceLimit(reader: ReadableStreamDefaultReader<Uint8Array>) {
  const timer = setTimeout(() => void reader.cancel().catch(() => {}), longestSilence)
  return reader.read().finally(() => clearTimeout(timer))
}

async function answered<T>(promise: Promise<T>): Promise<T> {
  return promise.catch((error: unknown) => {
    throw error instanceof UploadError ? error : networkError(error)
  })
}

/** What another answer than a stream stands for. */
async function refusal(response: Response): Promise<UploadError> {
  const { status, headers } = response
  const text = await response.text().catch(() => '')
  return failure({ status, text, header: (name) => headers.get(name) })
}

const page = () => globalThis.document as Document | undefined

/** Resolves once the page is shown. */
function shown(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (page()?.hidden && !signal.aborted) return
      page()?.removeEventListener('visibilitychange', look)
      resolve()
    }
    page()?.addEventListener('visibilitychange', look)
    onAbort(signal, look)
    look()
  })
}

/** Calls back when the page has been hidden for a while. @returns ends it */
function whenHidden(callback: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const look = () => {
    clearTimeout(timer)
    if (page()?.hidden) timer = setTimeout(callback, hiddenFor)
  }
  page()?.addEventListener('visibilitychange', look)
  look()
  return () => {
    clearTimeout(timer)
    page()?.removeEventListener('visibilitychange', look)
  }
}
