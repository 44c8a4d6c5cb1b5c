import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { createAgents } from './agents.ts'
import type { HeaderSigner, Method } from './sign.ts'

/** Sends requests to S3 for single objects. */
export interface Sender {
  /**
   * Sends it once, and takes the answer into memory. When this settles, nothing reads the body any more.
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

/**
 * S3's answer when it is no success. `name` is S3's code, such as `SlowDown`; of a 404 without a body, `NotFound`. A body
 * that is not S3's is of something in between, and says nothing about any object.
 */
export class S3Refusal extends Error {
  readonly status: number

  constructor({ status, body }: Pick<S3Answer, 'status' | 'body'>) {
    const text = body.toString()
    super(elementOf(text, 'Message')?.slice(0, 500) ?? `S3 answered ${status}, without what belongs to it.`)
    this.name = elementOf(text, 'Code') ?? (status === 404 && text === '' ? 'NotFound' : 'S3Refusal')
    this.status = status
  }
}

/** The text of an element without children, for what S3 says in few and known words. */
export function elementOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]{1,1000})</${name}>`).exec(xml)?.[1]
}

const longestDocument = 64 * 1024
const nothing = new Uint8Array()
const hashOfNothing = createHash('sha256').digest('hex')

/**
 * What each upload asks of S3 goes this way. The SDK takes half a millisecond of CPU for a request where its code is
 * warm, and some milliseconds where it is not; this a quarter of that: one signature, and the bytes go from memory to a
 * kept connection. Retries are the caller's, as with the SDK (see client.ts).
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
      // The time limit of a proxy's tunnel is this option alone; once there is a socket, it is the one below.
      const request = open({ ...address, method, timeout: usualIdle, ...signed })
      let outcome: S3Answer | { error: unknown } = { error: new Error('S3 closed the connection.') }
      const abort = () => request.destroy(asError(signal?.reason))
      signal?.addEventListener('abort', abort, { once: true })
      request.setTimeout(idle, () => request.destroy(new Error(`S3 did nothing for ${idle} ms.`)))
      request.on('error', (error) => {
        outcome = { error }
      })
      request.on('response', (response) => {
        const chunks: Buffer[] = []
        let room = longest
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          room -= chunk.length
          if (room < 0) request.destroy(new Error(`S3 answered with more than ${longest} bytes.`))
        })
        response.on('end', () => {
          const { statusCode: status = 0, headers } = response
          const answer = { status, headers, body: Buffer.concat(chunks) }
          outcome = status >= 200 && status < 300 ? answer : { error: new S3Refusal(answer) }
          // An answer before the body has left: the rest of it is of no use to anybody.
          if (!request.writableFinished) request.destroy()
        })
      })
      // Not before: until then the socket may be sending from memory that the caller would use again.
      request.on('close', () => {
        signal?.removeEventListener('abort', abort)
        if ('error' in outcome) reject(outcome.error)
        else resolve(outcome)
      })
      request.end(body)
      return promise
    },
    async put({ bytes, ...request }) {
      const answer = await sender.send({ ...request, method: 'PUT', body: bytes })
      if (answer.status !== 200 || !answer.headers.etag) throw new S3Refusal(answer)
      return answer.headers.etag
    },
    close: () => agent.destroy(),
  }
  return sender
}

function hashOf(body: Uint8Array): string {
  return body.length === 0 ? hashOfNothing : createHash('sha256').update(body).digest('hex')
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('The request was given up.', { cause: reason })
}
