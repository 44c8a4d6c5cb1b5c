import type { Ask } from '../workers/worker.ts'
import { createBlockReader } from './block-reader.ts'
import type { RangeSource } from './range-source.ts'
import type { RangeQuestion } from './serve-ranges.ts'

/** In a child process: a file of which the parent is asked for ranges. */
export function askedSource(size: number, ask: Ask): RangeSource {
  return createBlockReader({
    size,
    async read(start, end) {
      const question: RangeQuestion = { start, end }
      return (await ask(question)).body
    },
  })
}
