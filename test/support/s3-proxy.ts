import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the proxy does with a request, before it is passed on or after S3 has answered. */
export interface Faults {
  /** True: the request has been dealt with and isn't passed on. */
  before?: (req: IncomingMessage, res: ServerResponse) => boolean
  /** S3 has done its work; the answer is sent when this resolves. */
  after?: (req: IncomingMessage, res: ServerResponse) => Promise<void> | void
}

/** Stands in front of an S3 server, passes requests through unchanged (so signatures hold), and breaks things. */
export async function startS3Proxy(
  target: string,
): Promise<{ url: string; faults: Faults; close(): Promise<void> }> {
  const faults: Faults = {}
  const { hostname, port } = new URL(target)
  const server = createServer((req, res) => {
    if (faults.before?.(req, res)) return
    const onward = request(
      { hostname, port, method: req.method, path: req.url, headers: req.headers },
      async (answer) => {
        await faults.after?.(req, res)
        res.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(res)
      },
    )
    onward.on('error', () => res.destroy())
    res.on('error', () => {})
    req.on('error', () => onward.destroy())
    req.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
