import { toHex } from './hex.ts'
import { readAll } from './read-file.ts'
import { stallTimeout, withTimeLimit } from './time-limit.ts'

/** Loaded where it is needed. */
const inPieces: Hash = async (blob) => (await import('./sha256-pieces.ts')).sha256InPieces(blob)

/** Up to this many bytes are hashed by WebCrypto from one buffer; more is read piece by piece. */
const largestBuffer = 64 * 1024 ** 2

/** SHA-256 of a blob, lower-case hex. @throws {DOMException} as {@link readAll}: the file has changed or gone, or hangs */
export type Hash = (blob: Blob) => Promise<string>

/** Hashes single blobs. */
export const sha256: Hash = (blob) => createHash()(blob)

/**
 * Hashes blobs one after the other, never two at once. WebCrypto computes off the main thread. Pages on plain HTTP
 * don't have it: there, and for blobs too large for one buffer, the hash is computed here, a mebibyte at a time (5 ms
 * each), so that the page stays responsive.
 *
 * Keeps one buffer, as large as the largest blob. New buffers for each blob would grow to hundreds of megabytes before
 * garbage collection: 459 MB for a file of 1 GiB in Chromium, 145 MB this way.
 */
export function createHash(): Hash {
  let buffer = new ArrayBuffer(0)
  return async (blob) => {
    if (!globalThis.crypto?.subtle || blob.size > largestBuffer) return inPieces(blob)
    if (buffer.byteLength < blob.size) buffer = new ArrayBuffer(blob.size)
    const bytes = await readInto(buffer, blob)
    buffer = bytes.buffer
    const digest = await crypto.subtle.digest('SHA-256', bytes).catch(() => undefined)
    return digest ? toHex(digest) : inPieces(blob)
  }
}

/** Reads a blob into `buffer`, which comes back in the view. Older browsers make a new buffer. */
async function readInto(buffer: ArrayBuffer, blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  let reader: ReadableStreamBYOBReader
  try {
    reader = blob.stream().getReader({ mode: 'byob' })
  } catch {
    return new Uint8Array(await readAll(blob))
  }
  let bytes = new Uint8Array(buffer, 0, 0)
  while (bytes.length < blob.size) {
    const { length } = bytes
    const rest = new Uint8Array(bytes.buffer, length, blob.size - length)
    const { value, done } = await withTimeLimit(reader.read(rest), stallTimeout)
    if (done) throw new DOMException('It is shorter.', 'NotReadableError')
    bytes = new Uint8Array(value.buffer, 0, length + value.length)
  }
  return bytes
}
