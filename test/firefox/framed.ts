import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A page in which another server's page is a frame, which that one forbids elsewhere: what is outside of the frame is outside of the
 * window for the page in it, and a mouse can be moved there.
 */
export async function startFramed(url: string): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((req, res) => {
    if (req.url === '/frame.html') {
      res.setHeader('Content-Type', 'text/html').end(page)
      return
    }
    const to = new URL(req.url ?? '/', url)
    const headers = { ...req.headers, host: to.host }
    const passed = request(to, { method: req.method, headers }, (answer) => {
      const { 'content-security-policy': _, 'x-frame-options': __, ...rest } = answer.headers
      res.writeHead(answer.statusCode ?? 502, rest)
      answer.pipe(res)
    })
    passed.on('error', () => res.destroy())
    req.pipe(passed)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/frame.html`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

const page = `<!doctype html><title>Framed</title><body style="margin: 0">
<iframe src="/" style="position: absolute; left: 100px; top: 100px; width: 1000px; height: 500px; border: 0"></iframe>`
