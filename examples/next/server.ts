// Next itself is too large for a test (370 MB): this hands requests to the route handlers as Next does, and nothing else.
import { createServer, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as route from './app/api/[...path]/route.ts'
import { tintype } from './lib/tintype.ts'

type Handler = (request: Request) => Promise<Response>
const handlers = new Map<string, Handler>(Object.entries(route))

export const server = createServer(async (req, res) => {
  const handler = req.url?.startsWith('/api/') ? handlers.get(req.method ?? '') : undefined
  if (!handler) return void res.writeHead(404).end('This page could not be found.')
  const gone = new AbortController()
  res.once('close', () => res.writableFinished || gone.abort())
  const { status, headers, body } = await handler(requestOf(req, gone.signal))
  res.writeHead(status, Object.fromEntries(headers))
  if (body) await pipeline(Readable.fromWeb(body as never), res).catch(() => res.destroy())
  else res.end()
}).listen(Number(process.env.PORT ?? 4000), '127.0.0.1')

/** Next names the host that it listens on, not the one that was asked for, and writes the query anew. */
function requestOf(req: IncomingMessage, signal: AbortSignal): Request {
  const { method = 'GET', headers } = req
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const url = new URL(req.url ?? '/', 'http://localhost:4000')
  url.search = url.searchParams.toString()
  return new Request(url, {
    method,
    headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
    ...(hasBody && { body: Readable.toWeb(req) as ReadableStream<Uint8Array>, duplex: 'half' }),
    signal,
  })
}

export async function close() {
  server.close()
  await (await tintype()).close()
}
