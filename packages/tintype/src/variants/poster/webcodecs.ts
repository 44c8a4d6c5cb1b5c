import { createRequire } from 'node:module'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EncodedPacket } from 'mediabunny'
import type { FrameColour, VideoFrame } from './frame.ts'
import { webCodecsModule } from './webcodecs-module.ts'

/** Of an optional dependency, which may be missing: what is used of it. */
interface WebCodecs {
  VideoDecoder: new (init: {
    output(frame: DecodedFrame): void
    error(error: Error): void
  }) => {
    readonly state: string
    readonly decodeQueueSize: number
    ondequeue: (() => void) | null
    configure(config: object): void
    decode(chunk: object): void
    flush(): Promise<void>
    close(): void
  }
  EncodedVideoChunk: new (init: object) => object
}

interface DecodedFrame {
  format: string | null
  visibleRect: { width: number; height: number }
  colorSpace: FrameColour
  allocationSize(): number
  copyTo(target: Uint8Array): Promise<{ offset: number; stride: number }[]>
  close(): void
}

function load(): WebCodecs | undefined {
  try {
    return createRequire(import.meta.url)(webCodecsModule) as WebCodecs
  } catch {
    // It is not installed, or has nothing for this machine.
    return undefined
  }
}

const library = load()

/** Bytes of frames that are closed: they keep their memory until they are collected (1.3.1), and V8 does not know of it. */
const mostClosed = 16 * 1024 * 1024

/** Frames of a video as `@napi-rs/webcodecs` decodes them, which has FFmpeg inside. */
export interface FrameDecoder {
  /**
   * Takes a key frame or what follows.
   *
   * @returns of the frames that have come out since, the one that is shown last, if any
   */
  decode(packet: EncodedPacket, isLast?: boolean): Promise<VideoFrame | undefined>
  close(): void
}

/** @returns undefined where the library is missing or doesn't know the codec */
export type OpenDecoder = (config: object) => FrameDecoder | undefined

export const openDecoder: OpenDecoder = (config) => {
  if (!library) return undefined
  let decoded: DecodedFrame | undefined
  let failed: Error | undefined
  let wake = () => {}
  let closed = 0
  const take = (frame?: DecodedFrame) => {
    decoded?.close()
    decoded = frame
  }
  const discard = async (frame: DecodedFrame | undefined) => {
    if (!frame) return
    closed += frame.allocationSize()
    frame.close()
    if (closed < mostClosed) return
    closed = 0
    globalThis.gc?.()
    // What is collected is given back in a later turn.
    await nextTurn()
  }
  const decoder = new library.VideoDecoder({
    // One at a time: dozens of large frames are more memory than the process may have.
    output: take,
    error: (error) => {
      failed = error
      wake()
    },
  })
  decoder.ondequeue = () => wake()
  // Without that it works on as many frames at a time as there are cores, and keeps them all.
  decoder.configure({ ...config, hardwareAcceleration: 'prefer-software', optimizeForLatency: true })
  if (decoder.state !== 'configured') return undefined
  const { EncodedVideoChunk } = library
  return {
    async decode({ type, timestamp, duration, data }, isLast = false) {
      const times = { timestamp: Math.round(timestamp * 1e6), duration: Math.round(duration * 1e6) }
      decoder.decode(new EncodedVideoChunk({ type, data, ...times }))
      if (isLast) await decoder.flush()
      // Else it would take in dozens of frames, and give them out together.
      while (!failed && decoder.decodeQueueSize > 0)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      if (failed) throw failed
      const frame = decoded
      decoded = undefined
      try {
        return frame && (await copy(frame))
      } finally {
        await discard(frame)
      }
    },
    close() {
      take()
      if (decoder.state !== 'closed') decoder.close()
    },
  }
}

/**
 * Of formats such as `I420`, `I420A`, `I422P10` and `NV12`; undefined for others. Of an odd number of columns or rows the
 * library leaves out the last chroma samples (1.3.1), and so the last column or row is left out here.
 */
async function copy(frame: DecodedFrame): Promise<VideoFrame | undefined> {
  const { format, visibleRect, colorSpace } = frame
  const [, planar, depth = '8'] = /^I(420|422|444)A?(?:P(1[02]))?$/.exec(format ?? '') ?? []
  if (planar === undefined && format !== 'NV12') return undefined
  const chroma = (planar ?? '420') as VideoFrame['chroma']
  const width = chroma === '444' ? visibleRect.width : visibleRect.width & ~1
  const height = chroma === '420' ? visibleRect.height & ~1 : visibleRect.height
  const { primaries, transfer, matrix, fullRange } = colorSpace
  const bytes = new Uint8Array(frame.allocationSize())
  const planes = await frame.copyTo(bytes)
  return {
    ...{ width, height, chroma, bytes, bits: Number(depth) },
    planes: planar === undefined ? planes : planes.slice(0, 3),
    colour: { primaries, transfer, matrix, fullRange },
  }
}
