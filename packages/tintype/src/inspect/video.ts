import { createRequire } from 'node:module'
import type { Input as VideoInput } from 'mediabunny'
import { refuse, type Verdict } from './verdict.ts'

// As the one file that the package has for `require`: it is loaded in half the time of its hundred modules, and loading
// is most of what a new process costs.
const { CustomSource, Input, MATROSKA, MP4, QTFF, WEBM } = createRequire(import.meta.url)(
  'mediabunny',
) as typeof import('mediabunny')

/** Where a video's bytes are: in memory, or in the bucket by ranged reads. */
export interface RangeSource {
  size: number
  /** Bytes from `start` up to but without `end`. */
  read(start: number, end: number): Promise<Uint8Array>
}

/** A sound index is far smaller; a hostile one must not make us read without end. */
const maxRead = 64 * 1024 * 1024
/** Recordings in fragments have an index in each: hours of them are read two small ranges at a time. */
const maxReads = 50_000
const maxBoxes = 50_000

/**
 * Judges a video by its container and index: there has to be a playable video track, and the index must be
 * there. Frames are not decoded. Reads what it needs and no more: for an MP4 with its index at the end a few
 * ranges of some kilobytes.
 */
export async function inspectVideo(source: RangeSource): Promise<Verdict> {
  const input = new Input({
    formats: [MP4, QTFF, WEBM, MATROSKA],
    source: new CustomSource({ getSize: () => source.size, read: boundReads(source) }),
  })
  try {
    const verdict = await judge(input)
    // The index may be there while what it speaks of is not.
    if (verdict.ok && verdict.type !== 'video/webm' && (await isCutOff(source))) return damaged()
    return verdict
  } catch {
    // Whatever the reader stumbles over, the file is what is wrong with it.
    return damaged()
  } finally {
    input.dispose()
  }
}

async function judge(input: VideoInput): Promise<Verdict> {
  const format = await input.getFormat()
  const track = await input.getPrimaryVideoTrack()
  if (!track || (await track.getCodec()) === null) {
    return refuse('no_video_track', 'The file holds no video track that can be played. Choose another file.')
  }
  const [width, height, duration] = await Promise.all([
    track.getDisplayWidth(),
    track.getDisplayHeight(),
    input.computeDuration(),
  ])
  if (!(width > 0 && height > 0 && duration > 0) || !Number.isFinite(duration)) {
    return refuse('no_video_track', 'The video has no picture or no duration. Choose another file.')
  }
  const type =
    format === WEBM || format === MATROSKA ? 'video/webm' : format === QTFF ? 'video/quicktime' : 'video/mp4'
  const ext = { 'video/webm': 'webm', 'video/quicktime': 'mov', 'video/mp4': 'mp4' }[type]
  return {
    ok: true,
    kind: 'video',
    type,
    ext,
    width: Math.round(width),
    height: Math.round(height),
    frames: 1,
    duration,
  }
}

function boundReads(source: RangeSource): RangeSource['read'] {
  let read = 0
  let reads = 0
  return async (start, end) => {
    read += end - start
    if (++reads > maxReads || read > maxRead) throw new Error('The index is too large.')
    const bytes = await source.read(start, end)
    if (bytes.length !== end - start) throw new Error('The file is cut off.')
    return bytes
  }
}

/** Whether a top-level box (ISO/IEC 14496-12, 4.2) reaches past the end of the file. */
async function isCutOff(source: RangeSource): Promise<boolean> {
  let at = 0
  for (let boxes = 0; at + 8 <= source.size; boxes++) {
    if (boxes === maxBoxes) return true
    const header = Buffer.from(await source.read(at, Math.min(at + 16, source.size)))
    const short = header.readUInt32BE(0)
    // 0: up to the end of the file. 1: the size follows in 64 bits.
    if (short === 0) return false
    const size = short === 1 ? Number(header.readBigUInt64BE(8)) : short
    if (size < 8) return true
    at += size
  }
  return at > source.size
}

function damaged(): Verdict {
  return refuse('not_decodable', 'The video is damaged or cut off. Choose an undamaged copy.')
}
