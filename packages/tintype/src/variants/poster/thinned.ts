import { chromaSize, type VideoFrame } from './frame.ts'

/** Pixels that are enough to tell how light a picture is. */
const enough = 10_000

/** Some of a frame's pixels, evenly spread, as a frame of its own: dozens are looked at, and one is converted whole. */
export function thinned(frame: VideoFrame): VideoFrame {
  const { width, height, chroma, bits, bytes, planes } = frame
  const step = Math.floor(Math.sqrt((width * height) / enough))
  if (step < 2) return frame
  const columns = Math.ceil(width / step)
  const rows = Math.ceil(height / step)
  const sampleBytes = bits > 8 ? 2 : 1
  const isInterleaved = planes.length === 2
  const isGrey = chroma === 'grey'
  const plane = columns * rows * sampleBytes
  const thin = new Uint8Array(isGrey ? plane : 3 * plane)
  const [across, down] = chromaSize({ width: 2, height: 2, chroma })

  for (let index = 0; index < (isGrey ? 1 : 3); index++) {
    const { offset, stride } = planes[index > 0 && isInterleaved ? 1 : index] as {
      offset: number
      stride: number
    }
    const spread = index > 0 && isInterleaved ? 2 : 1
    const second = index === 2 && isInterleaved ? 1 : 0
    const isHalf = (size: number) => index > 0 && size === 1
    for (let row = 0, to = index * plane; row < rows; row++) {
      const start = offset + (isHalf(down) ? (row * step) >> 1 : row * step) * stride
      for (let column = 0; column < columns; column++, to += sampleBytes) {
        const x = isHalf(across) ? (column * step) >> 1 : column * step
        const at = start + (x * spread + second) * sampleBytes
        thin[to] = bytes[at] as number
        if (sampleBytes === 2) thin[to + 1] = bytes[at + 1] as number
      }
    }
  }
  const stride = columns * sampleBytes
  const offsets = isGrey ? [0] : [0, plane, 2 * plane]
  return {
    ...frame,
    ...{ width: columns, height: rows, bytes: thin },
    chroma: isGrey ? 'grey' : '444',
    planes: offsets.map((offset) => ({ offset, stride })),
  }
}
