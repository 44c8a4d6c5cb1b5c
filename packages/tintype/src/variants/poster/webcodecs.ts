import { createRequire } from 'node:module'
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

/** Frames of a video as `@napi-rs/webcodecs` decodes them, which has FFmpeg inside. */
export interface FrameDecoder {
  /** Takes a key frame or what follows. @returns the frames that have come out since, in the order in which they are shown */
  decode(packet: EncodedPacket, isLast?: boolean): Promise<VideoFrame[]>
  close(): void
}

/** @returns undefined where the library is missing or doesn't know the codec */
export type OpenDecoder = (config: object) => FrameDecoder | undefined

export const openDecoder: OpenDecoder = (config) => {
  if (!library) return undefined
  const decoded: DecodedFrame[] = []
  let failed: Error | undefined
  const decoder = new library.VideoDecoder({
    output: (frame) => decoded.push(frame),
    error: (error) => {
      failed = error
    },
  })
  decoder.configure({ ...config, hardwareAcceleration: 'prefer-software' })
  if (decoder.state !== 'configured') return undefined
  const { EncodedVideoChunk } = library
  return {
    async decode({ type, timestamp, duration, data }, isLast = false) {
      const times = { timestamp: Math.round(timestamp * 1e6), duration: Math.round(duration * 1e6) }
      decoder.decode(new EncodedVideoChunk({ type, data, ...times }))
      if (isLast) await decoder.flush()
      if (failed) throw failed
      const frames: VideoFrame[] = []
      for (const frame of decoded.splice(0)) {
        const copied = await copy(frame)
        frame.close()
        if (copied) frames.push(copied)
      }
      return frames
    },
    close() {
      for (const frame of decoded) frame.close()
      if (decoder.state !== 'closed') decoder.close()
    },
  }
}

/** Of formats such as `I420`, `I420A`, `I422P10` and `NV12`; undefined for others. */
async function copy(frame: DecodedFrame): Promise<VideoFrame | undefined> {
  const { format, visibleRect, colorSpace } = frame
  const [, planar, depth = '8'] = /^I(420|422|444)A?(?:P(1[02]))?$/.exec(format ?? '') ?? []
  if (planar === undefined && format !== 'NV12') return undefined
  const { width, height } = visibleRect
  const { primaries, transfer, matrix, fullRange } = colorSpace
  const bytes = new Uint8Array(frame.allocationSize())
  const planes = await frame.copyTo(bytes)
  return {
    ...{ width, height, bytes, bits: Number(depth) },
    chroma: (planar ?? '420') as VideoFrame['chroma'],
    planes: planar === undefined ? planes : planes.slice(0, 3),
    colour: { primaries, transfer, matrix, fullRange },
  }
}
