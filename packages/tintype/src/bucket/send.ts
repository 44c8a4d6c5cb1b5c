import { createHash } from 'node:crypto'
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { createAgents } from './agents.ts'
import { tooSlow } from './pace.ts'
import { S3Refusal } from './refusal.ts'
import type { HeaderSigner, Method } from './sign.ts'
import { type StreamedBody, streamedBody } from './streamed-body.ts'

/** Sends requests to S3 for single objects. */
export interface Sender {
  /**
   * Sends it once, and takes the answer into memory. When the promise is settled, nothing reads the body any more.
   *
   * @param request.query with `x-id`, as the SDK has it, where method and query alone don't name the operation: for logs
   * @param request.headers beside those that every request has
   * @param request.payload SHA-256 of the body in lower-case hex, or `UNSIGNED-PAYLOAD`. @default computed
   * @param request.idle milliseconds without a byte moving after which S3 counts as gone; 0: never
   * @param request.longest bytes of the longest answer. @default more than any document that S3 writes to us
   * @throws {S3Refusal} for any answer but 2xx; another error when the outcome is unknown
   */
  send(request: {
    method: Method
    key: string
    query?: Record<string, string> | undefined
    headers?: Record<string, string> | undefined
    body?: Uint8Array | undefined
    payload?: string | undefined
    signal?: AbortSignal | undefined
    idle?: number | undefined
    longest?: number | undefined
  }): Promise<S3Answer>
  /**
   * Sends a GET once, and gives the answer's body as it comes. The signal ends that too.
   * @throws {S3Refusal} for any answer but 2xx
   */
  stream(request: {
    key: string
    query?: Record<string, string> | undefined
    headers?: Record<string, string> | undefined
    signal?: AbortSignal | undefined
  }): Promise<S3Stream>
  /**
   * PutObject or UploadPart from memory, by `send`.
   * @returns the ETag
   * @throws {S3Refusal} also where S3 answers 200 with an error in the body
   */
  put(request: {
    key: string
    query?: Record<string, string>
    headers: Record<string, string>
    payload: string
    bytes: Uint8Array
    signal?: AbortSignal | undefined
  }): Promise<string>
  close(): void
}

export interface S3Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface S3Stream extends Omit<S3Answer, 'body'> {
  body: StreamedBody
}

/**
 * A connection that was kept from an earlier request turned out to be closed: there was not a byte of an answer. S3 and
 * what lies before it close idle connections when they like, so this says nothing about S3.
 */
export class LostConnection extends Error {
  override readonly name = 'LostConnection'
}

const longestDocument = 64 * 1024
const nothing = new Uint8Array()
const hashOfNothing = createHash('sha256').digest('hex')

/**
 * What each upload asks of S3 goes this way. The SDK takes half a millisecond of CPU for a request where its code is
 * warm, and some milliseconds where it is not; this a quarter of that: one signature, and the bytes go from memory to a
 * kept connection. Nothing is repeated here: see retry.ts.
 *
 * @param options.idle see {@link Sender.send}
 * @param options.agents are destroyed with the sender
 */
export function createSender(
  signer: HeaderSigner,
  {
    now,
    idle: usualIdle,
    agents = createAgents(undefined),
  }: { now: () => number; idle: number; agents?: ReturnType<typeof createAgents> },
): Sender {
  const { protocol, hostname, port } = signer.origin
  const secure = protocol === 'https:'
  const agent = secure ? agents.https : agents.http
  const open = secure ? httpsRequest : httpRequest
  const address = { agent, host: hostname.replace(/^\[|\]$/g, ''), port }

  const sender: Sender = {
    async send({ method, key, query = {}, headers = {}, body = nothing, payload, signal, ...more }) {
      const { idle = usualIdle, longest = longestDocument } = more
      signal?.throwIfAborted()
      const hasBody = method === 'PUT' || method === 'POST'
      const signed = await signer.sign({
        method,
        key,
        query,
        headers: hasBody ? { ...headers, 'content-length': String(body.length) } : headers,
        payload: payload ?? hashOf(body),
        time: now(),
      })
      const { promise, resolve, reject } = Promise.withResolvers<S3Answer>()
      // It holds for a proxy's tunnel as well, which has no end otherwise.
      const request = open({ ...address, method, timeout: idle === 0 ? usualIdle : idle, ...signed })
      let outcome: S3Answer | { error: unknown } | undefined
      let answered = false
      // Without the reason: a connection that has had its answer is the agent's again, and its error would be uncaught.
      const giveUp = (error: Error) => {
        outcome ??= { error }
        request.destroy()
      }
      const abort = () => giveUp(asError(signal?.reason))
      signal?.addEventListener('abort', abort, { once: true })
      if (idle === 0) request.setTimeout(0)
      request.on('timeout', () => giveUp(silence(request, idle || usualIdle)))
      request.on('error', (error) => {
        outcome ??= { error: answered ? error : whyUnanswered(error, request) }
      })
      request.on('response', (response) => {
        answered = true
        // Not long work, which has a limit of its own: S3 sends spaces until it is done.
        collect(response, { longest, idle: more.idle === undefined ? idle : undefined, giveUp }, (answer) => {
          outcome ??= isSuccess(answer.status) ? answer : { error: new S3Refusal(answer) }
          // An answer before the body has left: the rest of it is of no use.
          if (!request.writableFinished) request.destroy()
        })
      })
      // Not before: until then the socket may be sending from memory that the caller would use again.
      request.on('close', () => {
        signal?.removeEventListener('abort', abort)
        if (outcome && 'status' in outcome) resolve(outcome)
        else reject(outcome ? outcome.error : new Error('S3 closed the connection.'))
      })
      request.end(body)
      return promise
    },
    async stream({ key, query = {}, headers = {}, signal }) {
      signal?.throwIfAborted()
      const signed = await signer.sign({
        method: 'GET',
        key,
        query,
        headers,
        payload: hashOfNothing,
        time: now(),
      })
      const { promise, resolve, reject } = Promise.withResolvers<S3Stream>()
      const request = open({ ...address, method: 'GET', timeout: usualIdle, ...signed })
      let response: IncomingMessage | undefined
      const giveUp = (error: Error) => {
        reject(error)
        request.destroy()
      }
      const abort = () => {
        const error = asError(signal?.reason)
        // The reader of the body is told the reason.
        response?.destroy(error)
        giveUp(error)
      }
      signal?.addEventListener('abort', abort, { once: true })
      request.setTimeout(usualIdle, () => giveUp(silence(request, usualIdle)))
      request.on('error', (error) => reject(response ? error : whyUnanswered(error, request)))
      request.on('response', (head) => {
        response = head
        const { statusCode: status = 0, headers } = head
        if (!isSuccess(status)) {
          const limits = { longest: longestDocument, idle: usualIdle, giveUp }
          return collect(head, limits, (answer) => reject(new S3Refusal(answer)))
        }
        request.setTimeout(0)
        resolve({ status, headers, body: streamedBody(head, usualIdle) })
      })
      request.on('close', () => {
        signal?.removeEventListener('abort', abort)
        reject(new Error('S3 closed the connection.'))
      })
      request.end()
      return promise
    },
    async put({ bytes, ...request }) {
      const answer = await sender.send({ ...request, method: 'PUT', body: bytes })
      if (answer.status !== 200 || !answer.headers.etag) throw new S3Refusal(answer)
      return answer.headers.etag
    },
    close: () => agent.destroy(),
  }

  function whyUnanswered(error: Error, request: ClientRequest): Error {
    const code = 'code' in error ? error.code : undefined
    if (!request.reusedSocket || (code !== 'ECONNRESET' && code !== 'EPIPE')) return error
    // What has become of one has mostly become of all: the next request opens one of its own.
    for (const idle of Object.values(agent.freeSockets)) for (const socket of idle ?? []) socket.destroy()
    return new LostConnection('The connection to S3 was closed before it was used again.', { cause: error })
  }

  return sender
}

/**
 * The whole answer, into memory. A refusal may be longer than what was asked for.
 * @param limits.idle see {@link tooSlow}; without it an answer may come as slowly as it likes
 */
function collect(
  response: IncomingMessage,
  limits: { longest: number; idle: number | undefined; giveUp: (error: Error) => void },
  done: (answer: S3Answer) => void,
): void {
  const { longest, idle, giveUp } = limits
  const { statusCode: status = 0, headers } = response
  const most = isSuccess(status) ? longest : longestDocument
  const chunks: Buffer[] = []
  let length = 0
  const began = performance.now()
  response.on('data', (chunk: Buffer) => {
    length += chunk.length
    const slow = idle === undefined ? undefined : tooSlow(length, { waited: performance.now() - began, idle })
    if (slow) giveUp(slow)
    else if (length > most) giveUp(new Error(`S3 answered with more than ${most} bytes.`))
    else chunks.push(chunk)
  })
  response.on('end', () => done({ status, headers, body: Buffer.concat(chunks) }))
}

function silence({ socket }: ClientRequest, idle: number): Error {
  return new Error(
    socket ? `S3 did nothing for ${idle} ms.` : `There was no connection to S3 for ${idle} ms.`,
  )
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

function hashOf(body: Uint8Array): string {
  return body.length === 0 ? hashOfNothing : createHash('sha256').update(body).digest('hex')
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('The request was given up.', { cause: reason })
}
