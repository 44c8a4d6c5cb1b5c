import type { ChecksumAlgorithm } from '../checksum/index.ts'
import { S3Error } from '../errors.ts'
import type { Blobs } from '../storage/blobs.ts'
import { createDigests, type Digested, type Expected } from './digests.ts'

/** Bytes that are durable and verified. */
export interface Received extends Digested {
  /** Undefined for no bytes at all. */
  blob: string | undefined
  size: number
}

/** Bytes of the largest PUT. */
export const maxObjectSize = 5 * 2 ** 30

/**
 * Writes a body into a blob. Resolves only when the blob is durable and every digest, signature and trailer has been
 * verified; otherwise nothing is left of it.
 *
 * The caller names the blob in a row, or removes it.
 *
 * @param source the bytes; it gives the trailers in the end
 * @throws S3Error EntityTooLarge, and what `Body.read` and `createDigests` throw
 */
export async function receive(
  blobs: Blobs,
  source: AsyncIterator<Buffer, Map<string, string>>,
  expected: Expected,
  { algorithms, maxSize = maxObjectSize }: { algorithms: ChecksumAlgorithm[]; maxSize?: number },
): Promise<Received> {
  const digests = createDigests(expected, algorithms)
  const writer = blobs.create()
  let size = 0
  try {
    let next = await source.next()
    for (; !next.done; next = await source.next()) {
      size += next.value.length
      if (size > maxSize) {
        throw new S3Error('EntityTooLarge', undefined, {
          details: { MaxSizeAllowed: maxSize, ProposedSize: size },
        })
      }
      digests.update(next.value)
      await writer.write(next.value)
    }
    const digested = digests.verify(next.value)
    return { ...digested, blob: await writer.finish(), size }
  } catch (error) {
    await writer.discard()
    await source.return?.()
    throw error
  }
}
