import { once } from 'node:events'
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { RunningContestant } from './contestants.ts'
import type { Input } from './inputs.ts'
import { answerOf } from './load.ts'

const version = { 'tus-resumable': '1.0.0' }
const blank = Buffer.alloc(8 * 1024 * 1024)

/** An upload by tus that goes on in as many requests as are wanted. */
export interface TusUpload {
  /** A request that adds so many bytes, of which none is written yet. */
  begin(bytes: number): ClientRequest
  /** @throws when it is not taken */
  append(bytes: number): Promise<void>
  /** The next `bytes` of the file, from `at` on. */
  bytes(at: number, bytes: number): Buffer
  close(): void
}

/** @throws when it is not begun */
export async function openTus({ origin, path }: RunningContestant, file: Input): Promise<TusUpload> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const metadata = `filename ${base64(file.name)},filetype ${base64(file.type)}`
  const headers = { ...version, 'upload-length': String(file.size), 'upload-metadata': metadata }
  const req = request(origin + path, {
    method: 'POST',
    agent,
    headers: { ...headers, 'content-length': '0' },
  })
  req.end()
  const [res] = (await once(req, 'response')) as [IncomingMessage]
  res.resume()
  await once(res, 'end')
  const { location } = res.headers
  if (res.statusCode !== 201 || location === undefined) throw new Error(`${path} answered ${res.statusCode}`)
  const url = new URL(location, origin).pathname
  let offset = 0

  function bytes(at: number, length: number): Buffer {
    const zeros = blank.subarray(0, length)
    if (at >= file.head.length) return zeros
    return Buffer.concat([file.head.subarray(at, at + length), zeros]).subarray(0, length)
  }

  function begin(length: number): ClientRequest {
    const about = {
      'upload-offset': String(offset),
      'content-type': 'application/offset+octet-stream',
      'content-length': String(length),
    }
    return request(origin + url, { method: 'PATCH', agent, headers: { ...version, ...about } })
  }

  return {
    begin,
    bytes,
    async append(length) {
      const patch = begin(length)
      patch.end(bytes(offset, length))
      const { status, body } = await answerOf(patch)
      if (status !== 204) throw new Error(`PATCH answered ${status}: ${body.slice(0, 500)}`)
      offset += length
    },
    close: () => agent.destroy(),
  }
}
