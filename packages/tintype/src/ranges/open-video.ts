import { createRequire } from 'node:module'
import type { Input } from 'mediabunny'
import type { RangeSource } from './range-source.ts'

// Loaded by `require`, as one file: half the time of its hundred ES modules, and loading is most of what a new process
// costs.
const mediabunny = createRequire(import.meta.url)('mediabunny') as typeof import('mediabunny')
export const { EncodedPacketSink } = mediabunny

/** The container is known from its first bytes, and more files are recognised there than the library does. */
const anyMovie = new (class extends mediabunny.QuickTimeInputFormat {
  async _canReadInput() {
    return true
  }
})()

/**
 * Opens a video with a reader of containers. It may read without end: for child processes, and of a source that is
 * bounded.
 */
export function openVideo({ size, read }: RangeSource, container: 'movie' | 'matroska'): Input {
  const formats = container === 'movie' ? [anyMovie] : [mediabunny.WEBM, mediabunny.MATROSKA]
  return new mediabunny.Input({ formats, source: new mediabunny.CustomSource({ getSize: () => size, read }) })
}
