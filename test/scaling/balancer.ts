import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A load balancer as small as can be: in turn to those that are ready, over connections that are kept. It asks
 * `/readyz` all the time. A request whose connection is refused goes to the next; nothing else is repeated.
 */
export async function startBalancer(checkEvery = 50) {
  const agent = new Agent({ keepAlive: true })
  const targets = new Map<string, { ready: boolean }>()
  let turn = 0

  async function isReady(url: string): Promise<boolean> {
    const answer = await fetch(`${url}/readyz`, { headers: { Connection: 'close' } }).catch(() => undefined)
    await answer?.body?.cancel()
    return answer?.status === 200
  }
  const checking = setInterval(async () => {
    for (const [url, target] of targets) target.ready = await isReady(url)
  }, checkEvery)

  function pass(req: IncomingMessage, res: ServerResponse): void {
    const ready = [...targets].filter(([, target]) => target.ready).map(([url]) => url)
    const url = ready[turn++ % ready.length]
    if (url === undefined) {
      res.writeHead(503).end('no server is ready')
      return
    }
    const { host, hostname, port } = new URL(url)
    const { method, url: path } = req
    const headers = { ...req.headers, host, connection: 'keep-alive' }
    const onward = request({ agent, hostname, port, method, path, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(res)
    })
    onward.once('error', (error: NodeJS.ErrnoException) => {
      const target = targets.get(url)
      if (error.code === 'ECONNREFUSED' && !res.headersSent) {
        if (target) target.ready = false
        req.unpipe(onward)
        pass(req, res)
      } else res.destroy(error)
    })
    // Sent when there is a connection: a body that has begun can't be sent again.
    onward.once('socket', (socket) => {
      if (socket.connecting) socket.once('connect', () => req.pipe(onward))
      else req.pipe(onward)
    })
  }

  const server = createServer(pass)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async add(url: string): Promise<void> {
      targets.set(url, { ready: await isReady(url) })
    },
    remove: (url: string) => void targets.delete(url),
    async close() {
      clearInterval(checking)
      server.closeAllConnections()
      agent.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
