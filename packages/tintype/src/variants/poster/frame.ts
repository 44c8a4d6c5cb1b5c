/** A decoded picture of a video, as its decoder gives it. */
export interface VideoFrame {
  width: number
  height: number
  /** Chroma samples: for each pixel (444), for two side by side (422) or for four (420); grey has none. */
  chroma: '444' | '422' | '420' | 'grey'
  /** Of a sample. Those of more than eight have two bytes each, the lower one first. */
  bits: number
  bytes: Uint8Array
  /** Of luma, then of both chromas, or of both in one where they alternate (NV12): bytes from one row to the next. */
  planes: { offset: number; stride: number }[]
  colour: FrameColour
}

/** By the names of WebCodecs. What nothing is said of is guessed. */
export interface FrameColour {
  primaries?: string | null | undefined
  transfer?: string | null | undefined
  matrix?: string | null | undefined
  fullRange?: boolean | null | undefined
}

/** Pixels of the largest frame that is unpacked: 8K has 33 million. */
export const mostPixels = 36_000_000

/** Whether its planes are all within its bytes: a decoder may say anything. */
export function isWhole({ width, height, chroma, bits, bytes, planes }: VideoFrame): boolean {
  const sampleBytes = bits > 8 ? 2 : 1
  if (!(width > 0 && height > 0 && width * height <= mostPixels && bits >= 8 && bits <= 16)) return false
  const [columns, rows] = chromaSize({ width, height, chroma })
  const isInterleaved = planes.length === 2
  return (
    planes.length >= (chroma === 'grey' ? 1 : 2) &&
    planes.every(({ offset, stride }, index) => {
      const [across, down] = index === 0 ? [width, height] : [columns * (isInterleaved ? 2 : 1), rows]
      // A grey frame may come with planes of no rows.
      const end = offset + Math.max(0, stride * (down - 1) + across * sampleBytes)
      return offset >= 0 && stride >= across * sampleBytes && end <= bytes.length
    })
  )
}

export function chromaSize({
  width,
  height,
  chroma,
}: Pick<VideoFrame, 'width' | 'height' | 'chroma'>): [columns: number, rows: number] {
  if (chroma === 'grey') return [0, 0]
  return [chroma === '444' ? width : (width + 1) >> 1, chroma === '420' ? (height + 1) >> 1 : height]
}
