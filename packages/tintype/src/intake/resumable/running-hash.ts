import { createHash, type Hash } from 'node:crypto'

/**
 * SHA-256 of uploads that go on in several requests. Node can't write the state of a hash down, so it is kept in this
 * process, and only for the next request: where the upload goes on in another process, or after a crash, S3 is asked for it
 * in the end (by a copy), which costs no reading here.
 */
export interface RunningHashes {
  /** Of the bytes up to here, where it is known; it is the caller's from now on. */
  take(id: string, received: number): Hash | undefined
  keep(id: string, received: number, hash: Hash): void
}

/** @param most how many are kept: the oldest goes first */
export function createRunningHashes(most = 1000): RunningHashes {
  const kept = new Map<string, { received: number; hash: Hash }>()
  return {
    take(id, received) {
      const found = kept.get(id)
      kept.delete(id)
      if (received === 0) return createHash('sha256')
      return found?.received === received ? found.hash : undefined
    },
    keep(id, received, hash) {
      const [oldest] = kept.keys()
      if (kept.size >= most && oldest !== undefined) kept.delete(oldest)
      kept.set(id, { received, hash })
    },
  }
}
