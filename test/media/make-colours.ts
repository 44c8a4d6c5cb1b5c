/**
 * Makes the clips in test/media/colours: two pictures each of 96 x 64, red on the left and pink on the right, in
 * every matrix, range and transfer that videos come in. The code values are computed here and ffmpeg only encodes
 * them, so that they are right whatever ffmpeg would make of colours.
 *
 * node test/media/make-colours.ts
 */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { patches } from './colours.ts'

const folder = fileURLToPath(new URL('./colours/', import.meta.url))

interface Coding {
  /** Weights of red and blue in the luma. */
  weights: [red: number, blue: number]
  isFull?: boolean
  bits?: 8 | 10
  transfer?: 'pq' | 'hlg'
  /** Chroma samples: for each pixel, or for four. */
  chroma?: '444' | '422' | '420'
}

const bt601: Coding = { weights: [0.299, 0.114] }
const bt709: Coding = { weights: [0.2126, 0.0722] }
const bt2020: Coding = { weights: [0.2627, 0.0593], bits: 10 }
const size = { width: 96, height: 64 }

const toLinear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
const fromLinear = {
  /** SMPTE ST 2084, white at 203 cd/m². */
  pq(light: number): number {
    const power = ((light * 203) / 10_000) ** (2610 / 16384)
    return ((3424 / 4096 + (2413 / 128) * power) / (1 + (2392 / 128) * power)) ** (2523 / 32)
  },
  /** ARIB STD-B67. */
  hlg(light: number): number {
    if (light <= 1 / 12) return Math.sqrt(3 * light)
    return 0.17883277 * Math.log(12 * light - 0.28466892) + 0.55991073
  },
}

/** What is coded of a colour: its components in their own primaries and transfer, 0 to 1. */
function coded(colour: readonly number[], { transfer }: Coding): number[] {
  if (!transfer) return colour.map((value) => value / 255)
  const [r = 0, g = 0, b = 0] = colour.map((value) => toLinear(value / 255))
  const light = [
    0.627404 * r + 0.329283 * g + 0.043313 * b,
    0.069097 * r + 0.91954 * g + 0.011362 * b,
    0.016391 * r + 0.088013 * g + 0.895595 * b,
  ]
  if (transfer === 'pq') return light.map(fromLinear.pq)
  // BT.2100: the display's own gain, 1.2 at 1,000 cd/m², is taken back from the light that it shows.
  const shown = light.map((value) => (value * 203) / 1000)
  const luma = 0.2627 * (shown[0] ?? 0) + 0.678 * (shown[1] ?? 0) + 0.0593 * (shown[2] ?? 0)
  return shown.map((value) => fromLinear.hlg(value * luma ** (1 / 1.2 - 1)))
}

function frame(coding: Coding): Buffer {
  const { weights, isFull = false, bits = 8, chroma = '420' } = coding
  const [kr, kb] = weights
  const steps = 2 ** (bits - 8)
  const most = 2 ** bits - 1
  const values = patches.map((patch) => {
    const [r = 0, g = 0, b = 0] = coded(patch, coding)
    const y = kr * r + (1 - kr - kb) * g + kb * b
    const differences = [(b - y) / (2 * (1 - kb)), (r - y) / (2 * (1 - kr))]
    return [
      isFull ? y * most : (16 + 219 * y) * steps,
      ...differences.map((value) => (isFull ? most * value + 128 * steps : (128 + 224 * value) * steps)),
    ].map(Math.round)
  })
  const [columns, rows] = [chroma === '444' ? 1 : 2, chroma === '420' ? 2 : 1]
  const planes = [0, 1, 2].map((plane) => {
    const [width, height] =
      plane === 0 ? [size.width, size.height] : [size.width / columns, size.height / rows]
    const bytes = Buffer.alloc(width * height * (bits > 8 ? 2 : 1))
    for (let i = 0; i < width * height; i++) {
      const value = values[i % width < width / 2 ? 0 : 1]?.[plane] ?? 0
      if (bits > 8) bytes.writeUInt16LE(value, i * 2)
      else bytes[i] = value
    }
    return bytes
  })
  return Buffer.concat(planes)
}

/** @param dark how many black pictures come before the two */
function make(name: string, { dark = 0, ...coding }: Coding & { dark?: number }, ...encode: string[]): void {
  const { bits = 8, chroma = '420' } = coding
  const picture = frame(coding)
  const black = Buffer.alloc(picture.length, 128).fill(16, 0, size.width * size.height)
  const format = `yuv${chroma}p${bits > 8 ? '10le' : ''}`
  const input = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    format,
    '-s',
    `${size.width}x${size.height}`,
    '-r',
    '10',
    '-i',
    '-',
  ]
  const quiet = ['-y', '-v', 'error', '-fflags', '+bitexact']
  const output = ['-fflags', '+bitexact', '-flags:v', '+bitexact', '-map_metadata', '-1', `${folder}${name}`]
  execFileSync('ffmpeg', [...quiet, ...input, ...encode, ...output], {
    input: Buffer.concat([...Array<Buffer>(dark).fill(black), picture, picture]),
    stdio: ['pipe', 'inherit', 'ignore'],
  })
}

function copy(from: string, to: string, ...options: string[]): void {
  const input = ['-y', '-v', 'error', '-i', `${folder}${from}`, '-c', 'copy', '-fflags', '+bitexact']
  execFileSync('ffmpeg', [...input, ...options, `${folder}${to}`], { stdio: 'inherit' })
}

const tags = (matrix: string, primaries: string, transfer: string, range = 'tv') => [
  '-colorspace',
  matrix,
  '-color_primaries',
  primaries,
  '-color_trc',
  transfer,
  '-color_range',
  range,
]
const h264 = ['-c:v', 'libx264', '-crf', '12', '-preset', 'veryslow']
const hevc = ['-c:v', 'libx265', '-x265-params', 'crf=12:log-level=none', '-tag:v', 'hvc1']
const sd = tags('smpte170m', 'smpte170m', 'smpte170m')
const hd = tags('bt709', 'bt709', 'bt709')

make('bt601.mp4', bt601, ...h264, ...sd)
make('bt709.mp4', bt709, ...h264, ...hd)
make('bt709-full.mp4', { ...bt709, isFull: true }, ...h264, ...tags('bt709', 'bt709', 'bt709', 'pc'))
make('bt601-full.mov', { ...bt601, isFull: true }, ...h264, ...tags('smpte170m', 'bt709', 'bt709', 'pc'))
make('untagged.mp4', bt601, ...h264)
make('10-bit.mp4', { ...bt709, bits: 10 }, ...h264, ...hd)
make('422.mp4', { ...bt709, chroma: '422' }, ...h264, ...hd)
make('444.mp4', { ...bt709, chroma: '444' }, ...h264, ...hd)
make('hevc.mov', bt709, ...hevc, ...hd)
make('pq.mp4', { ...bt2020, transfer: 'pq' }, ...hevc, ...tags('bt2020nc', 'bt2020', 'smpte2084'))
make('hlg.mov', { ...bt2020, transfer: 'hlg' }, ...hevc, ...tags('bt2020nc', 'bt2020', 'arib-std-b67'))
make('vp8.webm', bt601, '-c:v', 'libvpx', '-crf', '8', '-b:v', '1M')
make('vp9.webm', bt709, '-c:v', 'libvpx-vp9', '-crf', '12', '-b:v', '0', ...hd)
make('vp9-10-bit.webm', { ...bt709, bits: 10 }, '-c:v', 'libvpx-vp9', '-crf', '12', '-b:v', '0', ...hd)
make('av1.mp4', bt709, '-c:v', 'libaom-av1', '-crf', '12', '-cpu-used', '6', ...hd)
make('prores.mov', { ...bt709, bits: 10, chroma: '422' }, '-c:v', 'prores_ks', '-profile:v', '0', ...hd)
make('wide-pixels.mp4', bt709, ...h264, ...hd, '-vf', 'setsar=2/1')
make('tall-pixels.webm', bt709, '-c:v', 'libvpx-vp9', '-crf', '12', '-b:v', '0', ...hd, '-vf', 'setsar=1/2')
for (const turn of ['90', '180', '270']) {
  copy('bt709.mp4', `turned-${turn}.mp4`, '-metadata:s:v:0', `rotate=${turn}`)
}
make('dark-key-frame.mp4', { ...bt709, dark: 12 }, ...h264, ...hd, '-x264-params', 'keyint=6:scenecut=0')
make('dark-start.mp4', { ...bt709, dark: 12 }, ...h264, ...hd, '-x264-params', 'keyint=250:scenecut=0')
make(
  'odd.webm',
  bt709,
  '-c:v',
  'libvpx-vp9',
  '-crf',
  '12',
  '-b:v',
  '0',
  ...hd,
  '-vf',
  'scale=97:65:flags=neighbor',
)
make(
  'av1-1080p.mp4',
  bt709,
  '-c:v',
  'libaom-av1',
  '-crf',
  '12',
  '-cpu-used',
  '6',
  ...hd,
  '-vf',
  'scale=1920:1080:flags=neighbor',
)
const large = ['-vf', 'scale=1920:1080:flags=neighbor', '-x264-params', 'keyint=250:scenecut=0']
make('dark-start-1080p.mp4', { ...bt709, dark: 24 }, ...h264, ...hd, ...large)
copy('wide-pixels.mp4', 'wide-pixels-turned.mp4', '-metadata:s:v:0', 'rotate=90')
copy('hlg.mov', 'hlg-turned.mov', '-metadata:s:v:0', 'rotate=90', '-tag:v', 'hvc1')
