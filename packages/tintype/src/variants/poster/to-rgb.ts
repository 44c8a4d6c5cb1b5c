import { type Colour, type Light, lightOf } from '../colour.ts'
import type { FrameColour, VideoFrame } from './frame.ts'

/**
 * Converts a frame to sRGB, three bytes a pixel, by its own matrix and range: decoders and tools that assume those of
 * another video shift red and pink by up to 30 of 255. PQ and HLG are taken to linear light, where paper white, 203
 * cd/m², becomes white.
 */
export function toRgb(frame: VideoFrame): Uint8Array {
  const { bits, colour } = frame
  const most = 2 ** bits - 1
  const light = lightOf(codePoints(colour))
  // Components of the wider kind are converted once more, each a number of this many bits.
  const pixels = light ? new Uint16Array(frame.width * frame.height * 3) : undefined
  const rgb = new Uint8Array(frame.width * frame.height * 3)
  fill(frame, coefficients(frame, light ? wideMost : 255, most), pixels ?? rgb)
  if (pixels && light) toSrgb(pixels, light, rgb)
  return rgb
}

/** Of a component before its light is known. */
const wideMost = 4095

interface Coefficients {
  luma: Float32Array
  redOfV: Float32Array
  greenOfU: Float32Array
  greenOfV: Float32Array
  blueOfU: Float32Array
  most: number
}

/** ITU-T H.273, equations 20 to 42: tables for each value that a sample may have, so that a pixel is a few additions. */
function coefficients(
  { bits, height, colour, chroma }: VideoFrame,
  scale: number,
  most: number,
): Coefficients {
  const step = 2 ** (bits - 8)
  const isFull = colour.fullRange === true
  const [floor, lumaRange, chromaRange] = isFull ? [0, most, most] : [16 * step, 219 * step, 224 * step]
  const [kr, kb] = weights(colour.matrix, height)
  const kg = 1 - kr - kb
  const luma = new Float32Array(most + 1)
  const [redOfV, greenOfU, greenOfV, blueOfU] = [0, 0, 0, 0].map(() => new Float32Array(most + 1)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ]
  for (let value = 0; value <= most; value++) {
    luma[value] = (scale * (value - floor)) / lumaRange
    if (chroma === 'grey') continue
    const difference = (scale * (value - 128 * step)) / chromaRange
    redOfV[value] = 2 * (1 - kr) * difference
    greenOfU[value] = ((-2 * kb * (1 - kb)) / kg) * difference
    greenOfV[value] = ((-2 * kr * (1 - kr)) / kg) * difference
    blueOfU[value] = 2 * (1 - kb) * difference
  }
  return { luma, redOfV, greenOfU, greenOfV, blueOfU, most: scale }
}

/** Of red and blue in the luma. A video that says nothing is taken as browsers take it: by its height. */
function weights(matrix: FrameColour['matrix'], height: number): [red: number, blue: number] {
  if (matrix === 'bt2020-ncl' || matrix === 'bt2020-cl') return [0.2627, 0.0593]
  if (matrix === 'bt709' || (matrix !== 'bt470bg' && matrix !== 'smpte170m' && height >= 720)) {
    return [0.2126, 0.0722]
  }
  return [0.299, 0.114]
}

function fill(frame: VideoFrame, by: Coefficients, out: Uint8Array | Uint16Array): void {
  const { width, height, chroma, bits, bytes, planes } = frame
  const { luma, redOfV, greenOfU, greenOfV, blueOfU, most } = by
  const [y, u, v] = planes.map(({ offset, stride }) => samples(bytes, bits, offset, stride))
  if (!y) return
  // Both chromas in one plane alternate.
  const isInterleaved = planes.length === 2
  const [spread, second] = isInterleaved ? [2, 1] : [1, 0]
  const [across, down] = [chroma === '444' ? 0 : 1, chroma === '420' ? 1 : 0]
  const isRgb = frame.colour.matrix === 'rgb' && chroma === '444'
  const mask = 2 ** bits - 1
  for (let row = 0, to = 0; row < height; row++) {
    const yRow = row * y.stride
    const uRow = (row >> down) * (u?.stride ?? 0)
    const vSource = isInterleaved ? u : v
    const vRow = (row >> down) * (vSource?.stride ?? 0)
    for (let column = 0; column < width; column++, to += 3) {
      const light = luma[(y.values[yRow + column] as number) & mask] as number
      if (!u || !vSource) {
        out[to] = out[to + 1] = out[to + 2] = clamp(light, most)
        continue
      }
      const at = (column >> across) * spread
      const uValue = (u.values[uRow + at] as number) & mask
      const vValue = (vSource.values[vRow + at + second] as number) & mask
      if (isRgb) {
        out[to] = clamp(luma[vValue] as number, most)
        out[to + 1] = clamp(light, most)
        out[to + 2] = clamp(luma[uValue] as number, most)
        continue
      }
      out[to] = clamp(light + (redOfV[vValue] as number), most)
      out[to + 1] = clamp(light + (greenOfU[uValue] as number) + (greenOfV[vValue] as number), most)
      out[to + 2] = clamp(light + (blueOfU[uValue] as number), most)
    }
  }
}

function clamp(value: number, most: number): number {
  return value <= 0 ? 0 : value >= most ? most : (value + 0.5) | 0
}

/** A plane as numbers. */
function samples(bytes: Uint8Array, bits: number, offset: number, stride: number) {
  if (bits === 8) return { values: bytes.subarray(offset), stride }
  const at = bytes.byteOffset + offset
  const length = (bytes.length - offset) >> 1
  const values = at % 2 === 0 ? new Uint16Array(bytes.buffer, at, length) : aligned(bytes, offset, length)
  return { values, stride: stride >> 1 }
}

function aligned(bytes: Uint8Array, offset: number, length: number): Uint16Array {
  return new Uint16Array(bytes.slice(offset, offset + length * 2).buffer)
}

function toSrgb(pixels: Uint16Array, { light, matrix, gain }: Light, rgb: Uint8Array): void {
  const [rr, rg, rb, gr, gg, gb, br, bg, bb] = matrix
  const lights = Float32Array.from({ length: wideMost + 1 }, (_, value) => light(value / wideMost))
  const encoded = encodings()
  const most = encoded.length - 1
  const encode = (value: number) =>
    encoded[value <= 0 ? 0 : value >= 1 ? most : (value * most + 0.5) | 0] as number
  for (let at = 0; at < pixels.length; at += 3) {
    let r = lights[pixels[at] as number] as number
    let g = lights[pixels[at + 1] as number] as number
    let b = lights[pixels[at + 2] as number] as number
    if (gain) {
      const factor = gain(r, g, b)
      r *= factor
      g *= factor
      b *= factor
    }
    rgb[at] = encode(rr * r + rg * g + rb * b)
    rgb[at + 1] = encode(gr * r + gg * g + gb * b)
    rgb[at + 2] = encode(br * r + bg * g + bb * b)
  }
}

/** From linear light to sRGB, in steps of a quarter of one of the darkest values. */
function encodings(): Uint8Array {
  return Uint8Array.from({ length: 16_384 }, (_, step) => {
    const value = step / 16_383
    return Math.round(255 * (value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055))
  })
}

const primaries: Record<string, number> = { bt709: 1, bt470bg: 5, smpte170m: 6, bt2020: 9, smpte432: 12 }
const transfers: Record<string, number> = { linear: 8, pq: 16, hlg: 18 }

/** What is not wide or HDR is shown as it is, like everywhere. */
function codePoints(colour: FrameColour): Colour {
  return {
    primaries: primaries[colour.primaries ?? ''] ?? 1,
    transfer: transfers[colour.transfer ?? ''] ?? 1,
  }
}
