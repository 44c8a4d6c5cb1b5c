import { type ClientRequest, type IncomingMessage, request as send } from 'node:http'
import { Readable } from 'node:stream'
import type { Clock } from '../clock.ts'
import type { Headers as OurHeaders } from '../http/exchange.ts'
import { discard, WebBody } from './web-body.ts'

/**
 * Passes a request on to the embedded S3, and its answer back.
 *
 * @param target path and query as they were signed
 * @param ours headers beside those of its answer
 */
export type WebStorage = (request: Request, target: string, ours: OurHeaders) => Promise<Response>

/** Headers about one connection, which are not passed on (RFC 9110 section 7.6.1). */
const ofConnection = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'expect']

/**
 * The embedded S3 listens on a loopback port of its own: what comes as a Web request is sent there, for the host that
 * its URLs are signed for. Bodies pass through as they come, and each side stops the other when it is slow.
 */
export function createWebStorage(endpoint: string, signedHost: string, clock: Clock): WebStorage {
  const { hostname, port } = new URL(endpoint)
  return async (request, target, ours) => {
    // Else it closes the connection behind a refusal, and with what of the body is on its way the answer would be lost.
    const headers = { ...passedOn(request.headers), host: signedHost, connection: 'keep-alive' }
    const { method, signal } = request
    const outgoing = send({ hostname, port, method, path: target, headers, signal, agent: false })
    const { promise: answered, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    outgoing.once('response', resolve)
    outgoing.on('error', reject)
    if (request.body) passBody(new WebBody(request), outgoing, clock)
    else outgoing.end()
    try {
      return toResponse(await answered, method, ours)
    } catch {
      // It, or the client, is gone.
      return new Response(null, { status: 503, headers: { ...ours, 'Retry-After': '1' } })
    }
  }
}

/** Until there is an answer: of a refused body the rest is read away here, so that the client gets to its answer. */
function passBody(body: WebBody, outgoing: ClientRequest, clock: Clock): void {
  const leave = () => body.destroy()
  body.pipe(outgoing)
  body.once('error', (error) => outgoing.destroy(error))
  outgoing.once('close', leave)
  outgoing.once('response', (answer: IncomingMessage) => {
    if (body.readableEnded) return
    outgoing.off('close', leave)
    body.unpipe(outgoing)
    discard(body, clock)
    answer.once('end', () => outgoing.destroy())
  })
}

function toResponse(answer: IncomingMessage, method: string, ours: OurHeaders): Response {
  const status = answer.statusCode ?? 500
  const headers = new Headers(ours)
  const theirs = Object.entries(answer.headersDistinct)
  for (const [name, values = []] of theirs) {
    if (!ofConnection.includes(name)) headers.set(name, values.join(', '))
  }
  const isEmpty = method === 'HEAD' || status === 204 || status === 304
  if (isEmpty) answer.resume()
  const body = isEmpty ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>)
  return new Response(body, { status, headers })
}

function passedOn(headers: Headers): Record<string, string> {
  const all = Object.fromEntries(headers)
  for (const name of ofConnection) delete all[name]
  // The app's own, which clients send along when they follow a redirect on the same origin.
  delete all.authorization
  return all
}
