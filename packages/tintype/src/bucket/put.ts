import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { HeaderSigner } from './sign.ts'

/** Writes objects and parts from memory. */
export interface Putter {
  /**
   * Sends it once. When this settles, nothing reads the bytes any more.
   *
   * @param request.headers beside those that every request has
   * @param request.payload SHA-256 of the bytes in lower-case hex, or `UNSIGNED-PAYLOAD`
   * @returns the ETag
   * @throws {S3Refusal} when S3 refuses, also where it answers 200 with an error in the body; another error when the
   * outcome is unknown
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

/** S3's answer when it is no success. `name` is S3's code, such as `SlowDown`. */
export class S3Refusal extends Error {
  readonly status: number

  constructor(status: number, body: string) {
    const code = /<Code>([^<]{1,100})<\/Code>/.exec(body)?.[1]
    const message = /<Message>([^<]{1,500})<\/Message>/.exec(body)?.[1]
    super(message ?? `S3 answered ${status} to a PUT, without an ETag.`)
    this.name = code ?? 'S3Refusal'
    this.status = status
  }
}

/** Longer than any error that S3 writes. */
const longestAnswer = 64 * 1024

/**
 * PutObject and UploadPart are what most of the traffic is. The SDK takes half a millisecond of CPU for each, this a
 * quarter of that: one signature, and the bytes go from memory to a kept connection. Retries are the caller's, as
 * with the SDK (see client.ts).
 *
 * @param options.idle milliseconds without a byte moving after which S3 counts as gone
 */
export function createPutter(
  signer: HeaderSigner,
  { now, idle, connections = 64 }: { now: () => number; idle: number; connections?: number },
): Putter {
  const { protocol, hostname, port } = signer.origin
  const secure = protocol === 'https:'
  const agentOptions = { keepAlive: true, maxSockets: connections, noDelay: true }
  const agent = secure ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions)
  const send = secure ? httpsRequest : httpRequest
  const address = { agent, method: 'PUT', host: hostname.replace(/^\[|\]$/g, ''), port }

  return {
    async put({ key, query = {}, headers, payload, bytes, signal }) {
      signal?.throwIfAborted()
      const length = { 'content-length': String(bytes.length) }
      const signed = await signer.sign({
        method: 'PUT',
        key,
        query,
        headers: { ...headers, ...length },
        payload,
        time: now(),
      })
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      const request = send({ ...address, ...signed })
      let outcome: { etag: string } | { error: unknown } = { error: new Error('S3 closed the connection.') }
      const abort = () => request.destroy(asError(signal?.reason))
      signal?.addEventListener('abort', abort, { once: true })
      request.setTimeout(idle, () => request.destroy(new Error(`S3 did nothing for ${idle} ms.`)))
      request.on('error', (error) => {
        outcome = { error }
      })
      request.on('response', (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (text: string) => {
          body = (body + text).slice(0, longestAnswer)
        })
        response.on('end', () => {
          const { statusCode = 0, headers } = response
          if (statusCode === 200 && headers.etag) outcome = { etag: headers.etag }
          else outcome = { error: new S3Refusal(statusCode, body) }
          // An answer before the body has left: the rest of it is of no use to anybody.
          if (!request.writableFinished) request.destroy()
        })
      })
      // Not before: until then the socket may be sending from memory that the caller would use again.
      request.on('close', () => {
        signal?.removeEventListener('abort', abort)
        if ('etag' in outcome) resolve(outcome.etag)
        else reject(outcome.error)
      })
      request.end(bytes)
      return promise
    },
    close: () => agent.destroy(),
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('The request was given up.', { cause: reason })
}
