import { once } from 'node:events'
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Contestant } from './contestants.ts'
import type { Input } from './inputs.ts'

/** One upload as it goes over the wire: what comes before the file's zeros, how many zeros, and what follows. */
export interface Shot {
  path: string
  headers: Record<string, string>
  before: Buffer
  zeros: number
  after: Buffer
}

/** How this contestant is sent that file: as a form, or as tus's creation with upload (both are one request). */
export function shotAt({ way, path }: Contestant, { name, type, head, size }: Input): Shot {
  const zeros = size - head.length
  if (way === 'tus') {
    const metadata = `filename ${base64(name)},filetype ${base64(type)}`
    const headers = {
      'tus-resumable': '1.0.0',
      'upload-length': String(size),
      'upload-metadata': metadata,
      'content-type': 'application/offset+octet-stream',
      'content-length': String(size),
    }
    return { path, headers, before: head, zeros, after: Buffer.alloc(0) }
  }
  // As Chromium and Safari make them.
  const boundary = '----WebKitFormBoundary7c9a3f51d2e84b60'
  const part = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`
  const before = Buffer.concat([Buffer.from(part), head])
  const after = Buffer.from(`\r\n--${boundary}--\r\n`)
  const headers = {
    'content-type': `multipart/form-data; boundary=${boundary}`,
    'content-length': String(before.length + zeros + after.length),
  }
  return { path, headers, before, zeros, after }
}

export interface Outcome {
  seconds: number
  /** Milliseconds of each upload, from its first byte to the end of the answer. */
  latencies: number[]
}

/**
 * Sends the same file so many times over so many connections, which are kept.
 * @throws when an answer is not 201
 */
export async function hammer(
  origin: string,
  shot: Shot,
  { connections, count }: { connections: number; count: number },
): Promise<Outcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const latencies: number[] = []
  let sent = 0
  const work = async () => {
    while (sent++ < count) {
      const begun = performance.now()
      const { status, body } = await insist(() => fire(origin, shot, agent))
      if (status !== 201) throw new Error(`${shot.path} answered ${status}: ${body.slice(0, 500)}`)
      latencies.push(performance.now() - begun)
    }
  }
  const begun = performance.now()
  await Promise.all(Array.from({ length: connections }, work))
  const seconds = (performance.now() - begun) / 1000
  agent.destroy()
  return { seconds, latencies }
}

/**
 * A server that gets no CPU for longer than it keeps idle connections may close one on a request that it has not read: that
 * is sent once more.
 */
export async function insist<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error
    return send()
  }
}

export interface Answer {
  status: number
  body: string
}

/** Sends one upload as fast as the server takes it. */
export async function fire(origin: string, shot: Shot, agent?: Agent): Promise<Answer> {
  const req = request(origin + shot.path, {
    method: 'POST',
    headers: shot.headers,
    ...(agent ? { agent } : {}),
  })
  const answered = answerOf(req)
  if (shot.zeros === 0) req.end(Buffer.concat([shot.before, shot.after]))
  // A server that has answered already may close on the rest: the answer is what counts.
  else pipeline(pieces(shot), req).catch(() => {})
  return answered
}

function* pieces({ before, zeros, after }: Shot): Generator<Buffer> {
  yield before
  for (let left = zeros; left > 0; left -= blank.length) yield blank.subarray(0, left)
  yield after
}

const blank = Buffer.alloc(256 * 1024)

/** Rejects when the connection ends without an answer. */
export async function answerOf(req: ClientRequest): Promise<Answer> {
  const [res] = (await once(req, 'response')) as [IncomingMessage]
  let body = ''
  for await (const chunk of res.setEncoding('utf8')) body += chunk as string
  return { status: res.statusCode ?? 0, body }
}

const base64 = (text: string) => Buffer.from(text).toString('base64')
