/** Colour spaces by the code points of ITU-T H.273, for pictures without an ICC profile. */
export interface Colour {
  primaries: number
  transfer: number
}

/**
 * Converts pixels to sRGB, in place. libvips reads ICC profiles only: it takes the code points of AVIF and PNG for
 * Display P3, PQ and HLG as sRGB, so that the thumb of an HDR photo would be grey. What is brighter than a sheet of
 * white paper, 203 cd/m² (ITU-R BT.2408), becomes white.
 *
 * @param pixels 8 bits each, with `channels` of them side by side
 */
export function toSrgb(pixels: Uint8Array, channels: number, colour: Colour): void {
  const known = lightOf(colour)
  if (!known || channels < 3) return
  const { matrix, gain } = known
  const [rr, rg, rb, gr, gg, gb, br, bg, bb] = matrix
  const light = Float64Array.from({ length: 256 }, (_, value) => known.light(value / 255))
  for (let at = 0; at + channels <= pixels.length; at += channels) {
    let r = light[pixels[at] as number] as number
    let g = light[pixels[at + 1] as number] as number
    let b = light[pixels[at + 2] as number] as number
    if (gain) {
      const factor = gain(r, g, b)
      r *= factor
      g *= factor
      b *= factor
    }
    pixels[at] = encode(rr * r + rg * g + rb * b)
    pixels[at + 1] = encode(gr * r + gg * g + gb * b)
    pixels[at + 2] = encode(br * r + bg * g + bb * b)
  }
}

/** How coded values become light in the primaries of sRGB, where 1 is white. */
export interface Light {
  /** Of one coded component, 0 to 1, in its own primaries. */
  light(value: number): number
  matrix: Matrix
  /** What a display does to all three by their luminance. */
  gain: ((red: number, green: number, blue: number) => number) | undefined
}

/** @returns undefined for what is shown as it is: sRGB, and what is taken for it */
export function lightOf({ primaries, transfer }: Colour): Light | undefined {
  const matrix = matrices[primaries]
  const light = transfers[transfer] ?? (matrix && transfers[13])
  return light && { light, matrix: matrix ?? identity, gain: transfer === hlg ? hlgGain : undefined }
}

/** BT.2100: a display makes bright scenes brighter still, by the luminance of all three. */
function hlgGain(red: number, green: number, blue: number): number {
  return (0.2627 * red + 0.678 * green + 0.0593 * blue) ** 0.2 * (1000 / paperWhite)
}

const paperWhite = 203
const hlg = 18

type Matrix = [number, number, number, number, number, number, number, number, number]
const identity: Matrix = [1, 0, 0, 0, 1, 0, 0, 0, 1]
/** From linear light in these primaries to that in sRGB's; all have the white of D65. */
const matrices: Record<number, Matrix> = {
  // BT.2020
  9: [1.660491, -0.5876411, -0.0728499, -0.1245505, 1.1328999, -0.0083494, -0.0181508, -0.1005789, 1.1187297],
  // Display P3
  12: [1.2249401, -0.2249404, 0, -0.0420569, 1.0420571, 0, -0.0196376, -0.0786361, 1.0982735],
}

/** From a coded value, 0 to 1, to light, where 1 is white. */
const transfers: Record<number, (value: number) => number> = {
  4: (value) => value ** 2.2,
  8: (value) => value,
  13: (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4),
  // PQ, SMPTE ST 2084
  16: (value) => {
    const power = value ** (32 / 2523)
    const ratio = Math.max(power - 3424 / 4096, 0) / ((2413 - 2392 * power) / 128)
    return (ratio ** (16384 / 2610) * 10_000) / paperWhite
  },
  // HLG, ARIB STD-B67
  [hlg]: (value) =>
    value <= 0.5 ? value ** 2 / 3 : (Math.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12,
}

/** Of a variant of three megapixels nine million values are coded: a table takes a third of the time. */
const steps = 16_384
const coded = Uint8Array.from({ length: steps + 1 }, (_, step) => {
  const light = step / steps
  return Math.round(255 * (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055))
})

function encode(light: number): number {
  return coded[Math.round(Math.min(Math.max(light, 0), 1) * steps)] as number
}
