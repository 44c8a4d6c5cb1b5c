import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'

/** What the proxy does with a request, before it is passed on or after S3 has answered. */
export interface Faults {
  /** True: the request has been dealt with and isn't passed on. */
  before?: (req: IncomingMessage, res: ServerResponse) => boolean
  /** S3 has done its work; the answer is sent when this resolves. */
  after?: (req: IncomingMessage, res: ServerResponse) => Promise<void> | void
  /** One of the usual faults for this request, or none. */
  pick?: (req: IncomingMessage) => S3Fault | undefined
}

/**
 * - `reset before`: the connection is cut, S3 has seen nothing
 * - `cut body`: S3 sees half of the body, then both connections are cut
 * - `reset after`: S3 has done it, the reply is lost
 * - `late`: the connection is cut at once, S3 does it a moment later
 * - `slow down`: 503 with S3's SlowDown
 * - `stall`: no answer for longer than the app waits, S3 has seen nothing
 * - `stall after`: the same, but S3 has done it
 * - `error in 200`: 200 with an Error document, nothing was done
 */
export type S3Fault = (typeof s3Faults)[number]
export const s3Faults = [
  'reset before',
  'cut body',
  'reset after',
  'late',
  'slow down',
  'stall',
  'stall after',
  'error in 200',
] as const

export interface S3Proxy {
  url: string
  faults: Faults
  /** Resolves when nothing is on its way any more, late requests included. */
  idle(): Promise<void>
  /** Milliseconds that the slowest write to this object took, from its arrival here until S3 had done it. 0 without any. */
  slowestWrite(key: string): number
  close(): Promise<void>
}

export interface S3ProxyOptions {
  /** Milliseconds after which a `late` request reaches S3, or what tells them for each. */
  lateness?: number | (() => number)
  /** Milliseconds after which a stalled connection is cut. */
  stall?: number
}

/** Stands in front of an S3 server, passes requests through unchanged (so signatures hold), and breaks things. */
export async function startS3Proxy(
  target: string,
  { lateness = 300, stall = 1500 }: S3ProxyOptions = {},
): Promise<S3Proxy> {
  const faults: Faults = {}
  const { hostname, port } = new URL(target)
  const underWay = new Set<Promise<unknown>>()
  /** By path without query. */
  const slowest = new Map<string, number>()

  function clock({ method, url = '' }: IncomingMessage, done: Promise<unknown>): void {
    if (method !== 'PUT' && method !== 'POST') return
    const since = performance.now()
    const [path = ''] = url.split('?')
    void done.then(() => slowest.set(path, Math.max(slowest.get(path) ?? 0, performance.now() - since)))
  }

  // Kept for longer than clients keep them: a connection that ends just as it is used again would be a fault nobody chose.
  const server = createServer({ keepAliveTimeout: 60_000 }, (req, res) => {
    res.on('error', () => {})
    const fault = faults.pick?.(req)
    if (fault === undefined && faults.before?.(req, res)) return
    const done = (fault === undefined ? passOn(req, res) : breakIt(fault, req, res)).catch(() => {})
    underWay.add(done)
    clock(req, done)
    void done.finally(() => underWay.delete(done))
  })

  function toS3(req: IncomingMessage) {
    const onward = request({ hostname, port, method: req.method, path: req.url, headers: req.headers })
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      onward.on('response', resolve).on('error', reject)
    })
    answered.catch(() => {})
    return { onward, answered }
  }

  async function passOn(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { onward, answered } = toS3(req)
    // The client may be gone: a request that S3 has received whole is carried out all the same.
    req.on('error', () => {})
    req.on('close', () => {
      if (!req.complete) onward.destroy()
    })
    req.pipe(onward)
    try {
      const answer = await answered
      await faults.after?.(req, res)
      res.writeHead(answer.statusCode ?? 502, answer.headers)
      await pipeline(answer, res)
    } catch {
      res.destroy()
      // Where the client is gone already, `pipeline` leaves the answer unread, and S3 waits for its reader.
      onward.destroy()
    }
  }

  /** Sends all of it to S3 and waits for the effect; the answer is dropped. */
  async function carryOut(req: IncomingMessage, body: Buffer): Promise<void> {
    const { onward, answered } = toS3(req)
    onward.end(body)
    await buffer(await answered)
  }

  async function breakIt(fault: S3Fault, req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (fault === 'reset before') return void res.destroy()
    if (fault === 'cut body') {
      const { onward } = toS3(req)
      const half = Number(req.headers['content-length'] ?? 0) >> 1
      for await (const chunk of req) {
        onward.write((chunk as Buffer).subarray(0, half))
        break
      }
      onward.destroy()
      return void res.destroy()
    }
    const body = await buffer(req)
    switch (fault) {
      case 'slow down':
        return void res.writeHead(503, xml).end(error('SlowDown'))
      case 'error in 200':
        return void res.writeHead(200, xml).end(error('InternalError'))
      case 'reset after':
        await carryOut(req, body)
        return void res.destroy()
      case 'late':
        res.destroy()
        await elapsed(typeof lateness === 'number' ? lateness : lateness())
        return carryOut(req, body)
      case 'stall after':
        await carryOut(req, body)
    }
    await Promise.race([elapsed(stall), new Promise((resolve) => res.once('close', resolve))])
    res.destroy()
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    async idle() {
      const over = Promise.withResolvers<void>()
      let isOver = false
      const timer = setTimeout(() => {
        isOver = true
        over.resolve()
      }, longestWay)
      while (underWay.size > 0 && !isOver) await Promise.race([over.promise, Promise.all(underWay)])
      clearTimeout(timer)
    },
    slowestWrite: (key) =>
      Math.max(0, ...[...slowest].filter(([path]) => path.endsWith(`/${key}`)).map(([, ms]) => ms)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/**
 * Milliseconds for which a request is waited for: more than any of them takes. A connection that was cut on both sides at
 * once has left one whose end Node never told, and a run must not wait for that.
 */
const longestWay = 30_000

const xml = { 'Content-Type': 'application/xml' }
const error = (code: string) => `<Error><Code>${code}</Code><Message>Injected.</Message></Error>`
const elapsed = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
