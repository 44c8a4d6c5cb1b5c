/**
 * Between us and moto: what AWS's S3 does and moto doesn't, for settings that others have made. Remembers what was put.
 */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface Front {
  url: string
  /** Each PUT, POST and DELETE, in order. */
  changes: { method: string; url: string; headers: IncomingHttpHeaders; body: string }[]
  close(): Promise<void>
}

export interface FrontOptions {
  /** Answers XML instead of moto, by method and subresource, e.g. `GET lifecycle`. */
  answers?: Record<string, (changes: Front['changes']) => string>
  /** Adds headers to moto's answer. */
  headers?: Record<string, Record<string, string>>
  /** Refuses as AWS does: the XML of an error, or nothing. */
  refuse?: Record<string, (body: string) => string | undefined>
}

export async function startFront(target: string, options: FrontOptions): Promise<Front> {
  const { hostname, port } = new URL(target)
  const changes: Front['changes'] = []
  const server = createServer(async (incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming
    const body = (await buffer(incoming)).toString()
    const [subresource = ''] = new URL(url, target).searchParams.keys()
    const what = `${method} ${subresource}`
    if (!/^(GET|HEAD)$/.test(method)) changes.push({ method, url, headers, body })
    const refusal = options.refuse?.[what]?.(body)
    const answer = refusal ?? options.answers?.[what]?.(changes)
    if (answer !== undefined) {
      outgoing.writeHead(refusal === undefined ? 200 : 400, { 'Content-Type': 'application/xml' }).end(answer)
      return
    }
    const passed = request({ hostname, port, method, path: url, headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 500, { ...response.headers, ...options.headers?.[what] })
      response.pipe(outgoing)
    })
    passed.end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    changes,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export function errorXml(code: string, message: string): string {
  return `<Error><Code>${code}</Code><Message>${message}</Message></Error>`
}
