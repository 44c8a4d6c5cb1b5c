import type { Serve } from '../workers/process.ts'
import { largestRead, type RangeSource } from './range-source.ts'

/** A range of a file, from `start` up to but without `end`. The reply's body is empty if it can't be read. */
export interface RangeQuestion {
  start: number
  end: number
}

/** What a child process may read of one file. */
export interface RangeLimits {
  /** Milliseconds for all reads together. */
  time: number
  reads: number
  bytes: number
}

export interface RangeServer {
  /** Answers a child process that asks for ranges. Never throws. */
  serve: Serve
  /** What kept the child process from seeing all that it asked for, if anything did. */
  readonly trouble: { failure: unknown } | 'too slow' | 'too much' | undefined
}

/** Even a child process that was taken over gets no more of the file than the limits allow. */
export function serveRanges(source: RangeSource, limits: RangeLimits): RangeServer {
  let failed: { failure: unknown } | undefined
  let reads = 0
  let bytes = 0
  let time = 0
  const isTooMuch = () => reads > limits.reads || bytes > limits.bytes
  const isOver = () => time > limits.time || isTooMuch()
  const nothing = { header: {}, body: Buffer.alloc(0) }
  return {
    async serve(question) {
      if (isOver()) return nothing
      const begun = performance.now()
      const body = await readRange(source, question).catch((error: unknown) => {
        failed ??= { failure: error }
        return Buffer.alloc(0)
      })
      reads++
      time += performance.now() - begun
      bytes += body.length
      return isOver() ? nothing : { header: {}, body }
    },
    get trouble() {
      return failed ?? (time > limits.time ? 'too slow' : isTooMuch() ? 'too much' : undefined)
    },
  }
}

async function readRange(source: RangeSource, question: unknown): Promise<Uint8Array> {
  const { start, end } = Object(question) as RangeQuestion
  const isSound = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start < end
  if (!isSound || end > source.size || end - start > largestRead) return Buffer.alloc(0)
  return source.read(start, end)
}
