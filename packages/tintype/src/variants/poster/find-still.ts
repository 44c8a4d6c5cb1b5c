import type { EncodedPacket, InputVideoTrack } from 'mediabunny'
import { openVideo } from '../../ranges/open-video.ts'
import type { RangeSource } from '../../ranges/range-source.ts'
import { clipOfFrame } from './clip-of-frame.ts'
import { isWhole, type VideoFrame } from './frame.ts'
import { following, keyFrames } from './key-frames.ts'
import { isDark, lightness, toStill, unpack } from './still.ts'
import { thinned } from './thinned.ts'
import type { OpenDecoder } from './webcodecs.ts'
import { readY4m } from './y4m.ts'

/** A video whose poster is wanted, as its inspector has found it. */
export interface PosterJob {
  /** Undefined: its bytes come with the job. Else the parent is asked for ranges. */
  size?: number | undefined
  container: 'movie' | 'matroska'
  /** Pixels of the upright picture. */
  width: number
  height: number
  /** Seconds. */
  duration: number
  /** Pixels of the longer side of the still, at the most. */
  side: number
  /** Resident bytes above which the process ends itself. */
  memory: number
  /** Those up to which one frame more is looked at. */
  room: number
  /** Whether the parent can be asked to have a frame decoded. */
  hasFfmpeg: boolean
}

/** The question to the parent that comes with a clip of one frame; its answer is a YUV4MPEG2 stream, or empty. */
export interface FfmpegQuestion {
  ffmpeg: true
}

/** What decodes frames here. */
export interface FrameDecoders {
  library?: OpenDecoder | undefined
  /** What the library can't: a clip of one frame becomes a YUV4MPEG2 stream. */
  ffmpeg?: ((clip: Uint8Array) => Promise<Uint8Array>) | undefined
  /** Whether there is memory to look at one frame more. */
  hasRoom?: (() => boolean) | undefined
}

/** Milliseconds after which no other frame is looked for where one is there. */
const patience = 1500
/** Frames behind a dark key frame that are decoded, where no key frame is better. */
const mostFollowing = 60

/**
 * The first good picture of a video: its first key frame, or where that is dark another one; where all are dark, the
 * lightest.
 *
 * @throws where no picture can be had
 */
export async function findStill(source: RangeSource, job: PosterJob, decoders: FrameDecoders) {
  const input = openVideo(source, job.container)
  try {
    const track = await input.getPrimaryVideoTrack()
    if (!track) throw new Error('There is no track.')
    const best = await bestFrame(track, job.duration, decoders)
    if (!best) throw new Error('There is no frame that could be decoded.')
    const [rotation, flip] = [await track.getRotation(), await track.getFlip()]
    return await toStill(unpack(best), { width: job.width, height: job.height, rotation, flip }, job.side)
  } finally {
    input.dispose()
  }
}

async function bestFrame(
  track: InputVideoTrack,
  seconds: number,
  decoders: FrameDecoders,
): Promise<VideoFrame | undefined> {
  const begun = performance.now()
  let best: { frame: VideoFrame; light: number } | undefined
  const isEnough = (frame: VideoFrame | undefined) => {
    if (!frame || !isWhole(frame)) return false
    const light = lightness(unpack(thinned(frame)))
    const isBetter = !best || light > best.light
    const worse = isBetter ? best?.frame : frame
    if (worse) release(worse.bytes)
    if (isBetter) best = { frame, light }
    return isBetter && !isDark(light)
  }
  let first: EncodedPacket | undefined
  try {
    for await (const packet of keyFrames(track, seconds)) {
      first ??= packet
      if (isEnough(await decode(track, packet, decoders))) return best?.frame
      if (performance.now() - begun > patience) return best?.frame
    }
    if (first && best) await lookBehind(track, first, decoders, isEnough)
  } catch (error) {
    // What lies further on may be damaged, or cost too many reads.
    if (!best) throw error
  }
  return best?.frame
}

/** At once, where nothing else is in that memory: dozens of large frames as garbage are more than the process may have. */
function release({ buffer, byteLength }: Uint8Array): void {
  if (byteLength === buffer.byteLength) (buffer as ArrayBuffer).transfer(0)
}

/** By the library, else by the program. */
async function decode(
  track: InputVideoTrack,
  packet: EncodedPacket,
  { library, ffmpeg }: FrameDecoders,
): Promise<VideoFrame | undefined> {
  const own = await decodeHere(track, packet, library).catch(() => undefined)
  if (own || !ffmpeg) return own
  const clip = await clipOfFrame(track, packet)
  return clip && readY4m(await ffmpeg(clip), await track.getColorSpace())
}

async function decodeHere(
  track: InputVideoTrack,
  packet: EncodedPacket,
  open: OpenDecoder | undefined,
): Promise<VideoFrame | undefined> {
  const config = await track.getDecoderConfig()
  const decoder = config ? open?.(config) : undefined
  try {
    const frame = await decoder?.decode(packet, true)
    return frame && withColour(frame, await track.getColorSpace())
  } finally {
    decoder?.close()
  }
}

/** A short video has one key frame, and may fade in from black behind it. */
async function lookBehind(
  track: InputVideoTrack,
  key: EncodedPacket,
  { library, hasRoom = () => true }: FrameDecoders,
  isEnough: (frame: VideoFrame) => boolean,
): Promise<void> {
  const config = await track.getDecoderConfig()
  // A decoder of AV1 takes 200 MB from the second frame of 1080p on.
  const decoder = config && !config.codec.startsWith('av01') ? library?.(config) : undefined
  if (!decoder) return
  const colour = await track.getColorSpace()
  const begun = performance.now()
  try {
    const packets = [key]
    for await (const packet of following(track, key)) {
      packets.push(packet)
      if (packets.length > mostFollowing) break
    }
    for (const [index, packet] of packets.entries()) {
      const frame = await decoder.decode(packet, index === packets.length - 1)
      if (frame && isEnough(withColour(frame, colour))) return
      if (performance.now() - begun > patience || !hasRoom()) return
    }
  } finally {
    decoder.close()
  }
}

/** What the frame doesn't say of its colours, its container may. */
function withColour(frame: VideoFrame, { ...container }: VideoFrame['colour']): VideoFrame {
  const { primaries, transfer, matrix, fullRange } = frame.colour
  const colour = {
    primaries: primaries ?? container.primaries,
    transfer: transfer ?? container.transfer,
    matrix: matrix ?? container.matrix,
    fullRange: fullRange ?? container.fullRange,
  }
  return { ...frame, colour }
}
