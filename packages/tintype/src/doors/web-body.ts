import { Readable } from 'node:stream'
import type { Clock } from '../clock.ts'
import { drainLimits } from './drain.ts'

/**
 * The body of a Web request as Node's streams are read. It asks for the next chunk when the one before has been taken, so
 * that a slow reader stops the sender. What is left unread stays with the server that has made the request.
 */
export class WebBody extends Readable {
  /** Where the app has read it, or begun to, there is nothing left for us. */
  readonly wasTaken: boolean
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined

  constructor({ body, bodyUsed }: Pick<Request, 'body' | 'bodyUsed'>) {
    super({ highWaterMark: 0 })
    this.wasTaken = bodyUsed || body?.locked === true
    this.#reader = this.wasTaken ? undefined : body?.getReader()
  }

  /** Nothing more of it will be read: the server is told so. */
  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (!this.readableEnded) this.#reader?.cancel(error).catch(() => {})
    callback(error)
  }

  override _read(): void {
    // A stream of something else than bytes also ends here, and not the process.
    this.#next().then(
      (chunk) => this.push(chunk),
      (error: Error) => this.destroy(error),
    )
  }

  /** Not an empty one: nobody would be told of it, and so ask for the next. */
  async #next(): Promise<Buffer | null> {
    for (;;) {
      const read = await this.#reader?.read()
      if (!read || read.done) return null
      const chunk = asBuffer(read.value)
      if (chunk.length > 0) return chunk
    }
  }
}

/**
 * Reads away what nobody wants of a body, within limits: a server that has the rest before it can keep the connection, and
 * a sender that is still sending gets its answer.
 */
export function discard(body: Readable, clock: Clock): void {
  const { time = 0, bytes: most = 0 } = drainLimits
  let bytes = 0
  const count = (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > most) body.destroy()
  }
  const cancelTimer = clock.after(time, () => body.destroy())
  body.once('close', cancelTimer)
  body.on('error', () => {})
  body.on('data', count)
  body.resume()
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}
