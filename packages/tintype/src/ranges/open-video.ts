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
  const isMovie = container === 'movie'
  const formats = isMovie ? [anyMovie] : [mediabunny.WEBM, mediabunny.MATROSKA]
  const source = new mediabunny.CustomSource({
    getSize: () => size,
    read: isMovie ? async (start, end) => readable(await read(start, end)) : read,
  })
  return new mediabunny.Input({ formats, source })
}

/**
 * Some phones write colours of the kind `nclx` (ISO/IEC 14496-12, 12.1.5) without their last byte, as QuickTime's `nclc` are,
 * and the reader takes the whole index for damaged. Players take them.
 */
const shortColours = Buffer.from('\0\0\0\x12colrnclx', 'latin1')

function readable(bytes: Uint8Array): Uint8Array {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (!view.includes(shortColours)) return bytes
  const copy = Buffer.from(view)
  for (let at = copy.indexOf(shortColours); at !== -1; at = copy.indexOf(shortColours, at))
    copy.write('nclc', at + 8, 'latin1')
  return copy
}
