import type { Clock } from '../clock.ts'
import type { Api } from '../http/api.ts'
import type { Answer } from '../http/exchange.ts'
import { checkDoorOptions, type DoorOptions } from './door.ts'
import { discard } from './web-body.ts'
import { WebRequest } from './web-request.ts'
import type { WebStorage } from './web-storage.ts'

/**
 * The API as a function from a Web `Request` to its `Response`: for Hono, Next's route handlers and whatever else speaks the
 * Fetch API. Bodies are streamed both ways. Answers everything, errors too.
 *
 * @example app.all('/api/*', (c) => tintype.fetch(c.req.raw))
 */
export type WebDoor = (request: Request, options?: DoorOptions) => Promise<Response>

/** @param storage asks the embedded S3, where there is one */
export function createWebDoor(api: Api, storage: WebStorage | undefined, clock: Clock): WebDoor {
  return async (original, options) => {
    const request = new WebRequest(original, checkDoorOptions(options))
    const answer = await api(request)
    if (answer.storage !== undefined && storage) return storage(original, answer.storage, answer.headers)
    const { status, problem } = answer
    // It is for the server to say; HTTP/2 knows no such header.
    const { Connection: _, ...headers } = answer.headers
    const body = bodyOf(request, answer)
    if (typeof body === 'string' || body instanceof Uint8Array) {
      headers['Content-Length'] = String(Buffer.byteLength(body))
    }
    if (!(body instanceof ReadableStream)) request.end(!original.signal.aborted)
    if (problem !== undefined && request.hasBody && !request.body.readableEnded) discard(request.body, clock)
    const isSent = original.method !== 'HEAD'
    return new Response(isSent ? ((body as BodyInit | undefined) ?? null) : null, { status, headers })
  }
}

function bodyOf(request: WebRequest, { body }: Answer) {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return body
  return streamOf(body, (isWhole) => {
    if (!isWhole) request.leave()
    request.end(isWhole)
  })
}

/** Asks for the next chunk when the client has taken the one before. */
function streamOf(
  body: AsyncIterable<Uint8Array>,
  end: (isWhole: boolean) => void,
): ReadableStream<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await chunks.next()
        if (!done) return controller.enqueue(value)
        controller.close()
        end(true)
      } catch (error) {
        end(false)
        controller.error(error)
      }
    },
    async cancel() {
      end(false)
      await chunks.return?.()
    },
  })
}
