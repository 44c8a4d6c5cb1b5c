/** Bytes a second: an S3 that answers more slowly, in the mean over the time that it was waited for, counts as silent. */
const leastPace = 4 * 1024

/**
 * Why an answer that still comes is given up: one that comes byte by byte is never silent, and would keep its upload, or a
 * worker, for hours.
 * @param waited milliseconds for what has come
 * @param idle milliseconds that S3 may be silent, which it may take longer than by its pace
 */
export function tooSlow(
  bytes: number,
  { waited, idle }: { waited: number; idle: number },
): Error | undefined {
  if (waited <= idle + (bytes / leastPace) * 1000) return undefined
  return new Error(`S3 sent ${bytes} bytes in ${Math.round(waited)} ms.`)
}
