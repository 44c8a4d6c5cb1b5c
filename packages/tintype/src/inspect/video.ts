import { createRequire } from 'node:module'
import type { KnownType } from '@tintype/protocol'
import type { InputFormat, Input as VideoInput } from 'mediabunny'
import { isProtected } from './codecs.ts'
import { neededByWebm } from './ebml.ts'
import { headBytes } from './limits.ts'
import { type NoMovie, readMovie } from './movie.ts'
import { bounded, type RangeSource, TooManyReads, withMemory } from './range-source.ts'
import { extensionOf, sniff } from './sniff.ts'
import type { Refused, Verdict } from './verdict.ts'
import { largestSide, longestVideo, refusals } from './video-refusals.ts'

// As the one file that the package has for `require`: it is loaded in half the time of its hundred modules, and loading
// is most of what a new process costs.
const { CustomSource, Input, WEBM, QuickTimeInputFormat } = createRequire(import.meta.url)(
  'mediabunny',
) as typeof import('mediabunny')

/** A sound index is far smaller; a hostile one must not make us read without end. */
const maxRead = 64 * 1024 * 1024
/** Recordings in fragments have an index in each: hours of them are read two small ranges at a time. */
const maxReads = 50_000

/**
 * Judges a video by its index and what that needs of the file: there has to be a video track of a codec that is taken,
 * and all the bytes that it speaks of. Frames are not decoded. Reads what it needs and no more: for an MP4 with its
 * index at the end a few ranges of some kilobytes.
 */
export async function inspectVideo(video: RangeSource): Promise<Verdict> {
  const source = bounded(video, { bytes: maxRead, reads: maxReads })
  try {
    const type = sniff(await source.read(0, Math.min(headBytes, source.size)))
    if (type === 'video/webm') return await judgeWebm(source)
    return type === undefined ? refusals.damaged() : await judgeMovie(source, type)
  } catch (error) {
    if (error instanceof TooManyReads) return refusals.indexTooLarge()
    // Whatever the reader stumbles over, the file is what is wrong with it.
    return refusals.damaged()
  }
}

async function judgeMovie(source: RangeSource, type: KnownType): Promise<Verdict> {
  const movie = await readMovie(source)
  if (typeof movie === 'string') return noMovie[movie]()
  const { index, end, needed, tracks } = movie
  const videos = tracks.filter(({ kind }) => kind === 'video')
  if (videos.length === 0) return refusals.noVideo(tracks.some(({ kind }) => kind === 'sound'))
  if (videos.every(({ isElsewhere }) => isElsewhere)) return refusals.elsewhere()
  if (needed > source.size) return refusals.dataMissing(needed - source.size)
  return judge(withMemory(source, end, index), type, { format: anyMovie, codec: videos[0]?.codec })
}

const noMovie: Record<NoMovie, () => Refused> = {
  'index missing': refusals.indexMissing,
  'index cut off': refusals.indexCutOff,
  'index too large': refusals.indexTooLarge,
  compressed: refusals.compressed,
}

async function judgeWebm(source: RangeSource): Promise<Verdict> {
  const needed = await neededByWebm(source)
  if (needed > source.size) return refusals.dataMissing(needed - source.size)
  return judge(source, 'video/webm', { format: WEBM })
}

/** What the file's first bytes are has been found out before, by rules that know more files than the library's. */
const anyMovie = new (class extends QuickTimeInputFormat {
  async _canReadInput() {
    return true
  }
})()

interface Known {
  format: InputFormat
  /** Of the first video track, where the library's own id says less. */
  codec?: string | undefined
}

async function judge(source: RangeSource, type: KnownType, { format, codec }: Known): Promise<Verdict> {
  const { size, read } = source
  const input = new Input({ formats: [format], source: new CustomSource({ getSize: () => size, read }) })
  try {
    return await judgeTracks(input, type, codec)
  } finally {
    input.dispose()
  }
}

async function judgeTracks(input: VideoInput, type: KnownType, codec?: string): Promise<Verdict> {
  const tracks = await input.getVideoTracks()
  if (tracks.length === 0) return refusals.noVideo((await input.getAudioTracks()).length > 0)
  const codecs = await Promise.all(tracks.map((one) => one.getCodec()))
  const ids = await Promise.all(tracks.map((one) => one.getInternalCodecId()))
  const track = tracks[codecs.findIndex((known, i) => known !== null && !isProtected(idOf(ids[i])))]
  if (!track) return refusals.codec(codec ?? idOf(ids[0]))
  const width = Math.round(await track.getDisplayWidth())
  const height = Math.round(await track.getDisplayHeight())
  const duration = await input.computeDuration()
  // Comparisons that a NaN fails, too.
  if (!(duration > 0 && width > 0 && height > 0)) return refusals.noPicture()
  if (!(width <= largestSide && height <= largestSide)) return refusals.tooWide()
  if (!(duration <= longestVideo)) return refusals.tooLong()
  return { ok: true, kind: 'video', type, ext: extensionOf(type), width, height, frames: 1, duration }
}

function idOf(id: unknown): string | undefined {
  return typeof id === 'string' ? id : undefined
}
