import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import type { TintypeEvent } from '../../packages/tintype/src/index.ts'

export interface Receiver {
  url: string
  /** Events whose signature was right, in the order in which they were answered with 2xx. */
  received: TintypeEvent[]
  /** Headers of each request, whatever became of it. */
  requests: Record<string, string>[]
  /** What the next requests are answered with; undefined: 204. `lost`: the event is taken, the answer is not sent. */
  answer: (
    event: TintypeEvent,
  ) => { status: number; headers?: Record<string, string> } | 'cut' | 'lost' | 'silence' | undefined
  /** Resolves when this many events have been received, of one media where it is named. */
  count(events: number, media?: string): Promise<void>
  close(): Promise<void>
}

export const webhookSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

/** A webhook of an app: verifies, then takes note. */
export async function startReceiver({ secret = webhookSecret, port = 0 } = {}): Promise<Receiver> {
  const verifier = new Webhook(secret)
  const waiting = new Set<() => void>()
  const receiver: Receiver = {
    url: '',
    received: [],
    requests: [],
    answer: () => undefined,
    async count(events, media) {
      const counted = () =>
        receiver.received.filter(
          ({ data }) => media === undefined || ('media' in data && data.media.id === media),
        ).length
      while (counted() < events) {
        const { promise, resolve } = Promise.withResolvers<void>()
        waiting.add(resolve)
        await promise
      }
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  async function take(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await buffer(req)
    const headers = req.headers as Record<string, string>
    receiver.requests.push(headers)
    let event: TintypeEvent
    try {
      event = verifier.verify(body, headers) as TintypeEvent
    } catch {
      res.writeHead(401).end()
      return
    }
    const answer = receiver.answer(event)
    if (answer === 'silence') return
    if (answer === undefined || answer === 'lost' || (answer !== 'cut' && answer.status < 300)) {
      receiver.received.push(event)
    }
    if (answer === 'cut' || answer === 'lost') req.socket.destroy()
    else res.writeHead(answer?.status ?? 204, answer?.headers).end()
    for (const resolve of waiting) resolve()
    waiting.clear()
  }

  const server = createServer((req, res) => void take(req, res).catch(() => res.destroy()))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`
  return receiver
}
