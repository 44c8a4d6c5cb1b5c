import { unavailableOnError } from './retry.ts'
import type { Sender } from './send.ts'

/** Reading objects. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export interface Reading {
  /**
   * The object, as it comes. It can be read once, and is closed when reading stops before its end.
   * @param options.range its bytes from `start` up to and without `end`. @default all of them
   * @throws {TintypeError} `storage_unavailable`, also when it breaks off half-way
   */
  open(
    key: string,
    options?: { signal?: AbortSignal | undefined; range?: { start: number; end: number } },
  ): Promise<AsyncIterable<Uint8Array>>
  /**
   * Its bytes from `start` up to and without `end`, fewer where it has no more.
   * @throws {TintypeError} `storage_unavailable`
   */
  read(key: string, options: { range: { start: number; end: number }; signal?: AbortSignal }): Promise<Buffer>
}

const query = { 'x-id': 'GetObject' }

export function createReading({ send, stream }: Pick<Sender, 'send' | 'stream'>): Reading {
  return {
    async open(key, { signal, range } = {}) {
      const ranged = range && { range: `bytes=${range.start}-${range.end - 1}` }
      const body = await unavailableOnError(
        'read',
        async () => {
          const { headers, body } = await stream({ key, query, headers: ranged, signal })
          if (headers.etag !== undefined) return body
          body.destroy()
          throw new Error(noETag)
        },
        { signal, safe: true },
      )
      return readThrough(body)
    },

    read: (key, { range: { start, end }, signal }) =>
      unavailableOnError(
        'read',
        async () => {
          const answer = await send({
            method: 'GET',
            key,
            query,
            headers: { range: `bytes=${start}-${end - 1}` },
            signal,
            longest: end - start,
          })
          if (answer.headers.etag === undefined) throw new Error(noETag)
          return answer.body
        },
        { signal, safe: true },
      ),
  }
}

/** A gateway may answer 200 with a page of its own: S3 says the ETag with every object. */
const noETag = 'S3 answered a GET without an ETag.'

async function* readThrough(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { value, done } = await unavailableOnError('read', () => chunks.next())
      if (done) return
      yield value
    }
  } finally {
    await chunks.return?.()
  }
}
