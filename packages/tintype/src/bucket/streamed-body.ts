import type { IncomingMessage } from 'node:http'
import { tooSlow } from './pace.ts'

/** A body that is read as it comes, once. Its connection is used again when it has been read to its end. */
export interface StreamedBody extends AsyncIterable<Uint8Array> {
  /** Closes the connection, for a body that will not be read. */
  destroy(): void
}

/**
 * @param idle milliseconds that S3 may take for the next piece, and that the reader may take to begin; then the
 * connection is closed, as it is when S3 is slower than {@link tooSlow} allows. How long the reader takes over a piece does not count.
 */
export function streamedBody(response: IncomingMessage, idle: number): StreamedBody {
  let waiting = true
  const timer = setTimeout(() => {
    if (waiting) response.destroy(new Error(`S3 did nothing for ${idle} ms.`))
  }, idle)
  response.once('close', () => clearTimeout(timer))
  // It may break off before anybody reads it; the reader is told when it begins.
  response.on('error', () => {})

  return {
    async *[Symbol.asyncIterator]() {
      timer.refresh()
      let since = performance.now()
      let waited = 0
      let bytes = 0
      for await (const piece of response) {
        waiting = false
        waited += performance.now() - since
        bytes += piece.length
        const slow = tooSlow(bytes, { waited, idle })
        if (slow) throw slow
        yield piece
        waiting = true
        since = performance.now()
        timer.refresh()
      }
    },
    destroy: () => void response.destroy(),
  }
}
