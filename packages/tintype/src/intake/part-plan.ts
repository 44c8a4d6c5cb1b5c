const mebibyte = 1024 * 1024
/** S3 takes parts of at least 5 MiB, and at most 10,000 of them. */
const smallestPart = 8 * mebibyte
const maxParts = 10_000
/** What one streamed file holds in memory: a part that fills up, and some on their way to S3. */
export const streamBytes = 32 * mebibyte

/** Part size for a file of at most this many bytes, and how many parts are in memory at a time. */
export function planParts(bytes: number): { partBytes: number; buffers: number } {
  const partBytes = Math.max(smallestPart, Math.ceil(bytes / maxParts / mebibyte) * mebibyte)
  return { partBytes, buffers: Math.max(2, Math.floor(streamBytes / partBytes)) }
}
