import { Readable } from 'node:stream'
import busboy from 'busboy'
import multer from 'multer'
import { createMultipartParser } from '../../packages/tintype/src/intake/form/multipart-parser.ts'

/** What a parser finds in a part. Text and contents are bytes as latin1. */
export interface FoundPart {
  name: string
  filename: string | undefined
  content: string
}

/** Our own, with the body in pieces that end at these places. @throws {TintypeError} */
export function readByTintype(body: Buffer, boundary: string, cuts: number[] = []): FoundPart[] {
  const parser = createMultipartParser(boundary)
  const parts: FoundPart[] = []
  const ends = [...cuts.map((cut) => cut % (body.length + 1)).sort((a, b) => a - b), body.length]
  for (const [index, end] of ends.entries()) {
    // In memory of its own, that is overwritten afterwards, as the server's is freed.
    const chunk = Buffer.from(body.subarray(ends[index - 1] ?? 0, end))
    for (const event of parser.push(chunk)) {
      const { length, [length - 1]: last } = parts
      if (event.type === 'part') parts.push({ name: event.name, filename: event.filename, content: '' })
      else if (event.type === 'data' && last) last.content += event.bytes.toString('latin1')
    }
    chunk.fill('?')
  }
  parser.finish()
  return parts
}

/** undici's, which is Node's own: it knows boundaries of 27 to 70 characters. @returns undefined where it refuses */
export async function readByUndici(body: Buffer, boundary: string): Promise<FoundPart[] | undefined> {
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
  const form = await new Response(new Uint8Array(body), { headers }).formData().catch(() => undefined)
  return (
    form &&
    Promise.all(
      Array.from(form as unknown as Iterable<[string, string | File]>, async ([name, value]) => {
        if (typeof value === 'string') {
          return { name, filename: undefined, content: Buffer.from(value).toString('latin1') }
        }
        return {
          name,
          filename: value.name,
          content: Buffer.from(await value.arrayBuffer()).toString('latin1'),
        }
      }),
    )
  )
}

/** busboy's, told to leave names as they are. @returns undefined where it refuses */
export function readByBusboy(body: Buffer, boundary: string): Promise<FoundPart[] | undefined> {
  const { promise, resolve } = Promise.withResolvers<FoundPart[] | undefined>()
  const parts: FoundPart[] = []
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
  const parser = busboy({ headers, defCharset: 'latin1', defParamCharset: 'utf8', preservePath: true })
  parser.on('field', (name, content) => void parts.push({ name, filename: undefined, content }))
  parser.on('file', (name, stream, { filename }) => {
    const part: FoundPart = { name, filename, content: '' }
    parts.push(part)
    stream.on('error', () => {})
    stream.on('data', (bytes: Buffer) => {
      part.content += bytes.toString('latin1')
    })
  })
  parser.on('error', () => resolve(undefined))
  parser.on('close', () => resolve(parts))
  parser.end(body)
  return promise
}

/** The `req.body` that Multer makes of text fields, as JSON has it. */
export async function bodyByMulter(body: Buffer, boundary: string): Promise<unknown> {
  const headers = {
    'content-type': `multipart/form-data; boundary=${boundary}`,
    'content-length': String(body.length),
  }
  const req = Object.assign(Readable.from([body]), { headers, body: undefined })
  const middleware = multer({ defParamCharset: 'utf8' }).none() as unknown as (
    req: unknown,
    res: object,
    next: (error?: unknown) => void,
  ) => void
  await new Promise<void>((resolve, reject) => {
    middleware(req, {}, (error) => (error ? reject(error) : resolve()))
  })
  return JSON.parse(JSON.stringify(req.body))
}
