import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'
import { say } from './say.ts'

export interface Shown {
  id: string
  sha256: string
  urls: { original: string; thumb?: string }
}

export async function upload(url: string, name: string): Promise<{ id: string; sha256: string }> {
  const { media } = JSON.parse(await request('POST', `${url}/api/media`, form(name, photo()))) as {
    media: Shown[]
  }
  const [{ id, sha256 }] = media as [Shown]
  return { id, sha256 }
}

export function form(name: string, bytes: Buffer): FormData {
  const body = new FormData()
  body.append('file', new Blob([new Uint8Array(bytes)], { type: 'image/png' }), `${name}.png`)
  return body
}

export async function request(method: string, url: string, body?: FormData): Promise<string> {
  const response = await fetch(url, { method, ...(body ? { body } : {}) })
  const answer = await response.text()
  say(`${method} ${new URL(url).pathname} ${response.status}`)
  assert.ok(response.ok, answer)
  return answer
}

export async function text(url: string): Promise<string> {
  return (await fetch(url)).text()
}

export async function hashOf(url: string): Promise<string> {
  const response = await fetch(url)
  assert.equal(response.status, 200)
  return createHash('sha256')
    .update(await response.bytes())
    .digest('hex')
}

/** A PNG of one random colour. https://www.w3.org/TR/png-3/ */
export function photo(): Buffer {
  const side = 64
  const chunk = (type: string, content: Buffer) => {
    const named = Buffer.concat([Buffer.from(type), content])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(content.length)
    sum.writeUInt32BE(crc32(named))
    return Buffer.concat([length, named, sum])
  }
  const colour = randomBytes(3)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.set([8, 2], 8)
  const line = Buffer.concat([Buffer.of(0), ...Array.from({ length: side }, () => colour)])
  const pixels = deflateSync(Buffer.concat(Array.from({ length: side }, () => line)))
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
