import { type Media, routes } from '@tintype/protocol'
import { readAnnouncement } from '../events/announcement.ts'
import type { LiveChanges } from '../events/live.ts'
import type { LiveStream } from '../events/live-stream.ts'
import type { MediaApi } from '../media-api.ts'
import type { Lead } from '../present.ts'
import type { ChangeKind, ChangeRow } from '../records/schema.ts'
import { type ApiRequest, emptyAnswer, type Headers } from './exchange.ts'
import type { Handler, Route } from './routes.ts'

export interface EventRoutesOptions {
  live: LiveChanges
  /** @throws {TintypeError} `unauthenticated` */
  ownerOf(request: ApiRequest): Promise<string>
  mediaFor(lead: Lead): MediaApi
}

/** What is told to the page: the ids, with what is known of those that are there. */
interface Happened {
  kind: ChangeKind
  id: string
  media: Media | undefined
}

/** Neither compressed nor gathered on its way: nginx would keep it until a buffer is full. */
const streamHeaders: Headers = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'private, no-store, no-transform',
  'X-Accel-Buffering': 'no',
}

/**
 * `/events`: what happens to the owner's media, as server-sent events
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html). Each has an id; a client that sends the last one as
 * Last-Event-ID is told what it has missed, or `reset` where that is not known any more.
 */
export function eventRoutes({ live, ownerOf, mediaFor }: EventRoutesOptions): Route[] {
  const listen: Handler = async (request, { lead }) => {
    const owner = await ownerOf(request)
    if (request.method === 'HEAD') return emptyAnswer(200, streamHeaders)
    const lastId = request.headers['last-event-id']
    const stream = await live.listen(owner, typeof lastId === 'string' ? lastId : undefined)
    request.whenOver(() => stream.end())
    const isStill = async () => (await ownerOf(request)) === owner && !request.isServerClosing
    return {
      status: 200,
      headers: streamHeaders,
      body: tell(stream, { owner, isStill, media: mediaFor(lead) }),
    }
  }
  return [{ path: routes.events, methods: { GET: listen } }]
}

interface Listener {
  owner: string
  /** Whether it is still signed in, and the server still serves. */
  isStill(): Promise<boolean>
  media: MediaApi
}

async function* tell(stream: LiveStream, { owner, isStill, media }: Listener): AsyncGenerator<Uint8Array> {
  // Sent at once, so that the client knows that it is heard.
  let text = 'retry: 1000\n: listening\n\n'
  try {
    for (;;) {
      yield Buffer.from(text)
      const told = await stream.next()
      // A session may have ended meanwhile: it is asked for before anything is told, and with each heartbeat.
      if (told.kind === 'end' || !(await isStill())) return
      // An id alone is no event, and yet remembered.
      text = `id: ${told.id}\n\n`
      if (told.kind === 'reset') text = `id: ${told.id}\nevent: reset\ndata: {}\n\n`
      if (told.kind === 'changes')
        text =
          (await happened(told.changes, owner, media)).map(eventOf).join('') +
          announced(told.changes).join('') +
          text
    }
  } catch {
    // Signed out, or the database does not answer: the client asks again, and is told.
  } finally {
    stream.end()
  }
}

/** The latest of each media, in their order. */
async function happened(changes: ChangeRow[], owner: string, api: MediaApi): Promise<Happened[]> {
  const latest = new Map<string, ChangeKind>()
  for (const { media_id: id, kind } of changes) {
    if (kind === 'signed-out' || kind === 'announced') continue
    const before = latest.get(id)
    latest.delete(id)
    latest.set(id, kind === 'changed' && before !== undefined && before !== 'removed' ? before : kind)
  }
  if (latest.size === 0) return []
  const { media } = await api.list({ owner, ids: [...latest.keys()], limit: 1000 })
  const there = new Map(media.map((one) => [one.id, one]))
  return [...latest].flatMap(([id, kind]) =>
    // What is not there any more is told when its removal is.
    kind === 'removed' || there.has(id) ? [{ kind, id, media: there.get(id) }] : [],
  )
}

/** What the app has said itself, once each. */
function announced(changes: ChangeRow[]): string[] {
  const all = changes.filter(({ kind }) => kind === 'announced').map((change) => change.media_id)
  return [...new Set(all)].map(
    (one) => `event: announced\ndata: ${JSON.stringify(readAnnouncement(one))}\n\n`,
  )
}

function eventOf({ kind, id, media }: Happened): string {
  const isGone = kind === 'removed' && media === undefined
  if (kind === 'removed' && !isGone) return ''
  return `event: ${kind}\ndata: ${JSON.stringify(isGone ? { id } : media)}\n\n`
}
