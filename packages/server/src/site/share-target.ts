import { setImmediate as nextTurn } from 'node:timers/promises'
import { routes, type SharedFilesNote } from '@tintype/protocol'
import type { Clock } from 'tintype/internal/clock'
import { TintypeError } from 'tintype/internal/errors'
import type { OwnAddress } from 'tintype/internal/http/address'
import { type Answer, type ApiRequest, redirect, withHeaders } from 'tintype/internal/http/exchange'
import type { Handler, Route } from 'tintype/internal/http/routes'
import { shownName } from 'tintype/internal/inspect/name'
import { boundaryOf } from 'tintype/internal/intake/form/form'
import { createMultipartParser, type MultipartEvent } from 'tintype/internal/intake/form/multipart-parser'
import { readBody } from 'tintype/internal/memory/body'
import type { OwnApi } from './own-api.ts'
import type { Sessions } from './session.ts'
import { createNoteCookie } from './share-note.ts'

export interface ShareTargetOptions {
  callApi: OwnApi
  sessions: Pick<Sessions, 'authenticate'>
  own: OwnAddress
  clock: Clock
  /** Milliseconds. */
  stallTimeout: number
}

/** Bytes a second that are asked of the sender, as of every form. */
const slowestRate = 1024
/** Refused files: the note has room for fewer. */
const mostNamed = 100

/**
 * `/share-target`: what another app on a phone shares with the gallery that was installed there (`share_target` in its manifest,
 * https://w3c.github.io/web-share-target/). The browser sends a form, and shows what that leads to: the gallery, and a note of
 * what came of each file.
 *
 * Unlike a form of one's own, it can't be mended and sent again: each file is taken by itself, as the body of a request of its own,
 * however many they are, and what is refused stops no other.
 */
export function shareTargetRoutes({ sessions, own, callApi, ...reading }: ShareTargetOptions): Route[] {
  const cookie = createNoteCookie(own)

  const lead = (request: ApiRequest, note: SharedFilesNote): Answer =>
    withHeaders(redirect(303, `${own.of(request).path}/`), {
      'Cache-Control': 'no-store',
      'Set-Cookie': cookie.set(request, note),
    })

  const take: Handler = async (request) => {
    const owner = await sessions.authenticate(request)
    if (owner === null) {
      // Bytes of somebody who is not known are kept nowhere.
      const note = { signIn: true, added: 0, refused: [], more: 0 } as const
      return { ...lead(request, { ...note, refused: [] }), body: '', problem: 'unauthenticated' }
    }
    return lead(request, await takeFiles(request, reading, (file) => sendFile(callApi, owner, file)))
  }
  return [{ path: '/share-target', methods: { POST: take } }]
}

interface Outcome {
  name: string
  error: unknown
}

interface FilePart {
  filename: string
  contentType: string
}

/** Where the bytes of one file go. */
interface Sink {
  write(bytes: Buffer): Promise<void>
  end(): Promise<Outcome>
  /** The rest of it never comes: nothing of it stays. */
  breakOff(error: unknown): void
}

/** @throws {TintypeError} when the form as a whole can't be read; the files before it were taken */
async function takeFiles(
  request: ApiRequest,
  { clock, stallTimeout }: Pick<ShareTargetOptions, 'clock' | 'stallTimeout'>,
  begin: (file: FilePart) => Sink,
): Promise<SharedFilesNote> {
  const parser = createMultipartParser(boundaryOf(request))
  const note: SharedFilesNote = { added: 0, refused: [], more: 0 }
  let current: Sink | undefined

  async function handle(event: MultipartEvent): Promise<void> {
    if (event.type === 'data') return current?.write(event.bytes)
    if (event.type === 'part') {
      const { filename, contentType } = event
      // Title and text of what is shared, where an app adds them, are no files.
      current = filename ? begin({ filename, contentType }) : undefined
      return
    }
    const outcome = await current?.end()
    current = undefined
    if (!outcome) return
    addTo(note, outcome)
    // A small file may be refused without waiting for anything: thousands of them in one chunk would be one turn.
    await nextTurn()
  }

  async function takeChunk(chunk: Buffer): Promise<void> {
    for (const event of parser.push(chunk)) await handle(event)
  }

  try {
    request.accept()
    await readBody(request.body, takeChunk, { clock, stallTimeout, leastRate: () => slowestRate })
    parser.finish()
    return note
  } catch (error) {
    current?.breakOff(error)
    throw error
  }
}

/** However many files there are, no more is kept of them than may be told. */
function addTo(note: SharedFilesNote, { name, error }: Outcome): void {
  if (error === undefined) note.added += 1
  else if (note.refused.length < mostNamed) note.refused.push({ name, reason: sentenceOf(error) })
  else note.more += 1
}

const mediaType = /^(image|video)\//

/** Sends one file on as it comes: the API asks for more when it has taken the last, and so does the sender wait. */
function sendFile(callApi: OwnApi, owner: string, { filename, contentType }: FilePart): Sink {
  let wanted = Promise.withResolvers<void>()
  let isOver = false
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const stop = () => {
    isOver = true
    wanted.resolve()
  }
  const body = new ReadableStream<Uint8Array>(
    {
      start(its) {
        controller = its
      },
      pull: () => wanted.resolve(),
      cancel: stop,
    },
    { highWaterMark: 0 },
  )
  const query = new URLSearchParams({ name: filename })
  // What it is, its bytes say.
  const type = mediaType.test(contentType) ? contentType : 'application/octet-stream'
  const init = { method: 'POST', headers: { 'Content-Type': type }, body, duplex: 'half' } as const
  const outcome = callApi(owner, `${routes.media}?${query}`, init)
    .then(
      () => undefined,
      (error: unknown) => error ?? new Error('The file was refused.'),
    )
    .finally(stop)

  return {
    async write(bytes) {
      await wanted.promise
      if (isOver) return
      wanted = Promise.withResolvers()
      // A copy: who reads it may free it, and the rest of this chunk belongs to the next file.
      controller?.enqueue(Uint8Array.from(bytes))
    },
    async end() {
      if (!isOver) controller?.close()
      return { name: shownName(filename), error: await outcome }
    },
    breakOff(error) {
      if (!isOver) controller?.error(error)
    },
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof TintypeError ? error.message : 'It could not be taken. Add it in the gallery.'
}
