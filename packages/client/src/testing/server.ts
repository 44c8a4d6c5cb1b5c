import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Media } from '@tintype/protocol'

/** What the server received in one attempt. */
export interface Seen {
  url: string
  key: string | undefined
  body: string
  headers: IncomingMessage['headers']
}

export type Reply = (response: ServerResponse, seen: Seen) => void

/** A real HTTP server that answers the n-th upload with the n-th reply, the last one from then on. */
export async function startServer(...replies: Reply[]) {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { headers, url = '' } = request
    const one = {
      url,
      key: headers['idempotency-key'] as string,
      body: Buffer.concat(chunks).toString(),
      headers,
    }
    seen.push(one)
    const reply = replies[Math.min(seen.length, replies.length) - 1] ?? created
    reply(response, one)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export const created: Reply = (response, { body }) =>
  json(response, 201, { media: [mediaOf(/filename="([^"]*)"/.exec(body)?.[1] ?? '')] })

export const cut: Reply = (response) => response.destroy()

export const problem =
  (status: number, code: string, detail: string, headers: Record<string, string> = {}): Reply =>
  (response) =>
    json(
      response,
      status,
      { type: `urn:tintype:error:${code}`, title: code, status, code, detail, requestId: 'r' },
      headers,
    )

/** An answer that a proxy gave. */
export const proxy =
  (status: number, headers: Record<string, string> = {}): Reply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'text/html', ...headers }).end('<h1>nginx</h1>')
  }

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

export const mediaOf = (name: string): Media => ({
  id: `id-of-${name}`,
  kind: 'image',
  type: 'image/png',
  bytes: 3,
  sha256: '0'.repeat(64),
  sentSha256: '0'.repeat(64),
  cleaned: null,
  width: 1,
  height: 1,
  name,
  caption: null,
  alt: null,
  data: null,
  revision: 1,
  placeholder: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  urls: { original: '/original' },
})
