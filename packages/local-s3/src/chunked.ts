import { createHash } from 'node:crypto'
import { S3Error } from './errors.ts'
import type { ChunkSigner } from './sigv4.ts'

const longestLine = 16 * 1024

/**
 * Decodes `aws-chunked` bodies: `size;chunk-signature=…`, data, and so on; an empty chunk; trailers.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 *
 * Yields the data as it comes; when it returns, every chunk's signature and the trailer's have been verified.
 *
 * @param signer undefined for STREAMING-UNSIGNED-PAYLOAD-TRAILER
 * @param trailers filled with the trailing headers
 * @throws {S3Error} `SignatureDoesNotMatch`, `IncompleteBody`, `InvalidRequest`
 */
export async function* decodeChunked(
  source: AsyncIterable<Buffer>,
  signer: ChunkSigner | undefined,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const input = createReader(source)
  for (;;) {
    const header = await input.line()
    const [sizeText = '', extension = ''] = header.split(';')
    if (!/^[0-9a-f]{1,10}$/i.test(sizeText)) throw new S3Error('InvalidRequest', 'A chunk has no valid size')
    const size = Number.parseInt(sizeText, 16)
    const hash = createHash('sha256')
    let left = size
    while (left > 0) {
      const data = await input.some(left)
      hash.update(data)
      left -= data.length
      yield data
    }
    if (signer) {
      const claimed = /^chunk-signature=([0-9a-f]{64})$/.exec(extension)?.[1]
      if (signer.next('PAYLOAD', hash.digest('hex')) !== claimed) throw mismatch()
    }
    if (size === 0) break
    if ((await input.line()) !== '') throw new S3Error('InvalidRequest', 'A chunk is longer than it says')
  }
  await readTrailers(input, signer, trailers)
}

async function readTrailers(
  input: Reader,
  signer: ChunkSigner | undefined,
  trailers: Map<string, string>,
): Promise<void> {
  const signed = createHash('sha256')
  let signature: string | undefined
  let any = false
  for (let line = await input.line(true); line !== ''; line = await input.line(true)) {
    const at = line.indexOf(':')
    const name = line.slice(0, at).trim().toLowerCase()
    const value = line.slice(at + 1).trim()
    if (name === 'x-amz-trailer-signature') signature = value
    else {
      any = true
      trailers.set(name, value)
      signed.update(`${name}:${value}\n`)
    }
  }
  if (signer && any && signer.next('TRAILER', signed.digest('hex')) !== signature) throw mismatch()
}

function mismatch(): S3Error {
  return new S3Error('SignatureDoesNotMatch', "A chunk's signature does not match.")
}

interface Reader {
  /** Up to CR LF, without it. At the end of the input: an empty line where `mayEnd`, else IncompleteBody. */
  line(mayEnd?: boolean): Promise<string>
  /** Between 1 and `max` bytes. */
  some(max: number): Promise<Buffer>
}

function createReader(source: AsyncIterable<Buffer>): Reader {
  const iterator = source[Symbol.asyncIterator]()
  let buffer: Buffer = Buffer.alloc(0)
  const more = async (): Promise<boolean> => {
    const { value, done } = await iterator.next()
    if (done) return false
    buffer = buffer.length === 0 ? value : Buffer.concat([buffer, value])
    return true
  }
  return {
    async line(mayEnd = false) {
      for (;;) {
        const end = buffer.indexOf('\r\n')
        if (end >= 0) {
          const line = buffer.toString('latin1', 0, end)
          buffer = buffer.subarray(end + 2)
          return line
        }
        if (buffer.length > longestLine) throw new S3Error('InvalidRequest', 'A chunk header is too long')
        if (await more()) continue
        if (mayEnd && buffer.length === 0) return ''
        throw incomplete()
      }
    },
    async some(max) {
      while (buffer.length === 0) if (!(await more())) throw incomplete()
      const data = buffer.subarray(0, max)
      buffer = buffer.subarray(data.length)
      return data
    },
  }
}

function incomplete(): S3Error {
  return new S3Error('IncompleteBody', 'The request body terminated unexpectedly')
}
