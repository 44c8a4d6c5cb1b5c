import type { Readable, Writable } from 'node:stream'

/** One message between the server and a decoder process: a small JSON header, then bytes as they are. */
export interface Frame {
  header: unknown
  body: Uint8Array
}

/** What the worker asks in this frame, if it isn't its answer: any JSON but null. */
export function questionIn({ header }: Frame): unknown {
  return (header as { ask?: unknown }).ask
}

const prefixBytes = 8

/** Length of the header, length of the body, header, body. Resolves when the stream has taken it all. */
export async function writeFrame(stream: Writable, { header, body }: Frame): Promise<void> {
  const json = Buffer.from(JSON.stringify(header))
  const prefix = Buffer.alloc(prefixBytes)
  prefix.writeUInt32BE(json.length, 0)
  prefix.writeUInt32BE(body.length, 4)
  stream.cork()
  stream.write(prefix)
  stream.write(json)
  const written = new Promise<void>((resolve, reject) => {
    stream.write(body, (error) => (error ? reject(error) : resolve()))
  })
  stream.uncork()
  await written
}

/** Frames as they come. The body is copied once, into a buffer of its own size. */
export async function* readFrames(stream: Readable): AsyncGenerator<Frame> {
  let parts: Buffer[] = []
  let size = 0
  let wanted = prefixBytes
  let lengths: { header: number; body: number } | undefined
  for await (const part of stream as AsyncIterable<Buffer>) {
    parts.push(part)
    size += part.length
    while (size >= wanted) {
      const all = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, size)
      if (!lengths) {
        lengths = { header: all.readUInt32BE(0), body: all.readUInt32BE(4) }
        wanted = prefixBytes + lengths.header + lengths.body
        parts = [all]
        continue
      }
      const bodyAt = prefixBytes + lengths.header
      yield {
        header: JSON.parse(all.toString('utf8', prefixBytes, bodyAt)),
        body: all.subarray(bodyAt, wanted),
      }
      const rest = all.subarray(wanted)
      parts = [rest]
      size = rest.length
      wanted = prefixBytes
      lengths = undefined
    }
  }
}
