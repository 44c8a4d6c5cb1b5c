import type { KnownType } from '@tintype/protocol'
import { bounded, type RangeSource, TooManyReads, withMemory } from '../ranges/range-source.ts'
import type { Details } from './details/details.ts'
import { readMovieDetails } from './details/movie-details.ts'
import { headBytes } from './limits.ts'
import { type NoMovie, readMovie } from './movie.ts'
import { extensionOf, sniff } from './sniff.ts'
import type { Refused, Verdict } from './verdict.ts'
import { largestSide, longestVideo, refusals } from './video-refusals.ts'
import { readVideoTrack } from './video-tracks.ts'
import { readWebm } from './webm-segment.ts'

/** A real index is far smaller; a hostile one must not make us read without end. */
const maxRead = 64 * 1024 * 1024
/** Recordings in fragments have an index in each: hours of them are read two small ranges at a time. */
const maxReads = 50_000

/**
 * Inspects a video by its index: it needs a video track of an accepted codec, and all the bytes that the index refers
 * to. Frames are not decoded. Reads no more than it needs: for an MP4 with its index at the end, a few ranges of some
 * kilobytes.
 */
export async function inspectVideo(video: RangeSource): Promise<Verdict> {
  const source = bounded(video, { bytes: maxRead, reads: maxReads })
  try {
    const type = sniff(await source.read(0, Math.min(headBytes, source.size)))
    if (type === 'video/webm' || type === 'video/matroska') return await inspectWebm(source, type)
    return type === undefined ? refusals.damaged() : await inspectMovie(source, type)
  } catch (error) {
    if (error instanceof TooManyReads) return refusals.indexTooLarge()
    // An error of the reader means that the file is damaged.
    return refusals.damaged()
  }
}

async function inspectMovie(source: RangeSource, type: KnownType): Promise<Verdict> {
  const movie = await readMovie(source)
  if (typeof movie === 'string') return noMovie[movie]()
  const { index, end, needed, tracks, duration } = movie
  const videos = tracks.filter(({ kind }) => kind === 'video')
  if (videos.length === 0) return refusals.noVideo(tracks.some(({ kind }) => kind === 'sound'))
  if (videos.every(({ isElsewhere }) => isElsewhere)) return refusals.elsewhere()
  if (needed > source.size) return refusals.dataMissing(needed - source.size)
  const track = await readVideoTrack(withMemory(source, end, index), type)
  const said = readMovieDetails(index.bytes)
  return track ? checkNumbers({ type, duration, said, ...track }) : refusals.codec(videos[0]?.codec)
}

const noMovie: Record<NoMovie, () => Refused> = {
  'index missing': refusals.indexMissing,
  'index cut off': refusals.indexCutOff,
  'index too large': refusals.indexTooLarge,
  compressed: refusals.compressed,
}

async function inspectWebm(source: RangeSource, type: KnownType): Promise<Verdict> {
  const { needed, duration, tracks } = await readWebm(source)
  const videos = tracks.filter(({ kind }) => kind === 'video')
  if (needed > source.size) return refusals.dataMissing(needed - source.size)
  if (videos.length === 0) return refusals.noVideo(tracks.some(({ kind }) => kind === 'sound'))
  const track = videos.find((one) => webmCodecs.has(one.codec) && !one.isProtected)
  if (!track) return refusals.codec(videos[0]?.isProtected ? 'encv' : videos[0]?.codec)
  // Of the codec and the sound the library knows more; where it fails, the video is taken all the same.
  const limits = { bytes: maxRead, reads: maxReads }
  const described = await readVideoTrack(bounded(source, limits), type).catch(() => undefined)
  return checkNumbers({ type, duration, ...described, width: track.width, height: track.height })
}

/** The codecs that are accepted in MP4, too. */
const webmCodecs = new Set(['V_VP8', 'V_VP9', 'V_AV1', 'V_MPEG4/ISO/AVC', 'V_MPEGH/ISO/HEVC', 'V_PRORES'])

interface Numbers {
  type: KnownType
  width: number
  height: number
  duration: number
  /** When and with what it was made. */
  said?: Details
  codec?: string | undefined
  playable?: boolean
  rotation?: number
}

/** Numbers read off a file may be anything. */
function checkNumbers({ type, duration, said, codec, playable, rotation, ...size }: Numbers): Verdict {
  const width = Math.round(size.width)
  const height = Math.round(size.height)
  // Comparisons that a NaN fails, too.
  if (!(duration > 0 && width > 0 && height > 0)) return refusals.noPicture()
  if (!(width <= largestSide && height <= largestSide)) return refusals.tooWide()
  if (!(duration <= longestVideo)) return refusals.tooLong()
  const details = { ...said, codec, playable, rotation }
  return {
    ok: true,
    kind: 'video',
    type,
    ext: extensionOf(type),
    width,
    height,
    frames: 1,
    duration,
    details,
  }
}
