import { chromaSize, type FrameColour, type VideoFrame } from './frame.ts'

/**
 * The first frame of a YUV4MPEG2 stream, as ffmpeg writes them: raw planes, so that no colours have been converted yet
 * (https://wiki.multimedia.cx/index.php/YUV4MPEG2).
 *
 * @param colour what the stream doesn't say: only the range is in it
 * @returns undefined where it isn't one, or breaks off
 */
export function readY4m(bytes: Uint8Array, colour: FrameColour): VideoFrame | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 512)).toString('latin1')
  const [, header, frame] = /^YUV4MPEG2 ([^\n]*)\n(FRAME[^\n]*\n)/.exec(text) ?? []
  if (header === undefined || frame === undefined) return undefined
  const parameter = (name: string) =>
    header
      .split(' ')
      .find((one) => one.startsWith(name))
      ?.slice(name.length)
  const [width, height] = [Number(parameter('W')), Number(parameter('H'))]
  const layout = /^(mono|4[24][024])(?:mpeg2|jpeg|paldv)?(?:p?(9|1[0-6]))?$/.exec(parameter('C') ?? '420')
  if (!layout || !Number.isSafeInteger(width * height)) return undefined
  const chroma = layout[1] === 'mono' ? 'grey' : (layout[1] as VideoFrame['chroma'])
  const bits = Number(layout[2] ?? 8)
  const sampleBytes = bits > 8 ? 2 : 1
  const start = 'YUV4MPEG2 '.length + header.length + 1 + frame.length
  const [columns, rows] = chromaSize({ width, height, chroma })
  const y = { offset: start, stride: width * sampleBytes }
  const u = { offset: start + y.stride * height, stride: columns * sampleBytes }
  const v = { offset: u.offset + u.stride * rows, stride: u.stride }
  const range = parameter('XCOLORRANGE=')
  return {
    ...{ width, height, chroma, bits, bytes },
    planes: chroma === 'grey' ? [y] : [y, u, v],
    colour: { ...colour, fullRange: range === undefined ? colour.fullRange : range === 'FULL' },
  }
}
