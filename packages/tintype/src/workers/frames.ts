import type { Readable, Writable } from 'node:stream'

/** One message between the server and a decoder process: a small JSON header, then bytes as they are. */
export interface Frame {
  header: unknown
  body: Uint8Array
}

/** Header of a worker's message: its answer, with its resident bytes, or a question before the answer. */
export type Said = { answer: unknown; resident: number } | { ask: unknown }

const prefixBytes = 8

/** What comes before the body: its length and that of the header, then the header. */
export function frameHead({ header, body }: Frame): Buffer {
  const json = Buffer.from(JSON.stringify(header))
  const prefix = Buffer.alloc(prefixBytes)
  prefix.writeUInt32BE(json.length, 0)
  prefix.writeUInt32BE(body.length, 4)
  return Buffer.concat([prefix, json])
}

/** Resolves when the stream has accepted all of it. */
export async function writeFrame(stream: Writable, frame: Frame): Promise<void> {
  const { body } = frame
  stream.cork()
  stream.write(frameHead(frame))
  const written = new Promise<void>((resolve, reject) => {
    stream.write(body, (error) => (error ? reject(error) : resolve()))
  })
  stream.uncork()
  await written
}

/** Reads this many bytes; undefined at the end. */
type Read = (bytes: number) => Buffer | undefined | Promise<Buffer | undefined>

/**
 * The next frame.
 *
 * @param options.most bytes of header and body together. What is announced is allocated, so a worker's announcement is limited
 * @param options.readBody reads the body. @default as the rest
 * @throws {RangeError} when it is larger; {SyntaxError} when its header isn't JSON
 */
export async function readFrame(
  read: Read,
  { most = Number.POSITIVE_INFINITY, readBody = read }: { most?: number; readBody?: Read } = {},
): Promise<Frame | undefined> {
  const prefix = await read(prefixBytes)
  if (!prefix) return undefined
  const [headerBytes, bodyBytes] = [prefix.readUInt32BE(0), prefix.readUInt32BE(4)]
  if (headerBytes + bodyBytes > most) throw new RangeError('The frame is too large.')
  const header = await read(headerBytes)
  const body = await readBody(bodyBytes)
  return header && body && { header: JSON.parse(header.toString('utf8')), body }
}

/** Reads from a stream. */
export function readerOf(stream: Readable): Read {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let rest: Buffer = Buffer.alloc(0)
  return async (bytes) => {
    const target = Buffer.allocUnsafeSlow(bytes)
    for (let at = 0; at < bytes; ) {
      if (rest.length === 0) {
        const { value, done } = await chunks.next()
        if (done) return undefined
        rest = value
      }
      const copied = rest.copy(target, at)
      rest = rest.subarray(copied)
      at += copied
    }
    return target
  }
}
