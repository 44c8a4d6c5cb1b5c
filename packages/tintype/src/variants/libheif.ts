import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Tiling } from './coding.ts'
import type { Pixels } from './shrink.ts'
import { shrinkTiles } from './shrink-tiles.ts'

/** What is used of libheif-js: its bindings to libheif's C functions. */
interface Libheif {
  heif_colorspace: { heif_colorspace_RGB: unknown }
  heif_chroma: { heif_chroma_interleaved_RGB: unknown; heif_chroma_interleaved_RGBA: unknown }
  heif_context_alloc(): unknown
  heif_context_read_from_memory(
    context: unknown,
    bytes: Uint8Array,
  ): { code: { value: number }; message: string }
  heif_js_context_get_primary_image_handle(context: unknown): Handle
  heif_js_context_get_image_handle(context: unknown, item: number): Handle
  heif_image_handle_release(handle: Handle): void
  heif_image_handle_has_alpha_channel(handle: unknown): number
  heif_image_handle_is_premultiplied_alpha(handle: unknown): number
  heif_js_decode_image2(
    handle: unknown,
    colorspace: unknown,
    chroma: unknown,
  ): { message?: string; channels?: Channel[]; image: unknown }
  heif_image_release(image: unknown): void
}

/** Of a picture, or why there is none. */
interface Handle {
  message?: string
}

interface Channel {
  width: number
  height: number
  /** Bytes from one row to the next. */
  stride: number
  data: Uint8Array
}

type Start = (options: { wasmBinary: Uint8Array; print(): void; printErr(): void }) => Libheif

const loaded = load()

/** Before the first job: later on nothing can be opened. It is compiled when the first HEIC comes. */
function load(): { start: Start; wasmBinary: Uint8Array } | undefined {
  const require = createRequire(import.meta.url)
  try {
    const start: Start = require('libheif-js/libheif-wasm/libheif.js')
    return { start, wasmBinary: readFileSync(require.resolve('libheif-js/libheif-wasm/libheif.wasm')) }
  } catch {
    return undefined
  }
}

/** A HEIF that libheif has read; its pictures are not decoded yet. */
interface Opened {
  lib: Libheif
  context: unknown
}

/** The file is in the decoder's memory from then on, which each picture has anew. @throws what libheif says */
function open(bytes: Uint8Array): Opened {
  if (!loaded) throw new Error('unsupported: libheif-js is not installed')
  const quiet = () => {}
  const lib = loaded.start({ wasmBinary: loaded.wasmBinary, print: quiet, printErr: quiet })
  const context = lib.heif_context_alloc()
  asStill(bytes)
  const { code, message } = lib.heif_context_read_from_memory(context, bytes)
  if (code.value !== 0) throw new Error(message)
  return { lib, context }
}

/**
 * The primary picture of a HEIF: upright by its own `irot` and `imir`, in the file's own colours, with 8 bits. The Exif
 * orientation beside it tells of the sensor and is not to be applied again.
 *
 * @throws what libheif says
 */
export function decodeHeif(bytes: Uint8Array): Pixels {
  const { lib, context } = open(bytes)
  const handle = lib.heif_js_context_get_primary_image_handle(context)
  if (handle.message !== undefined) throw new Error(handle.message)
  const hasAlpha = lib.heif_image_handle_has_alpha_channel(handle) !== 0
  const { pixels } = decode(lib, handle, hasAlpha)
  if (hasAlpha && lib.heif_image_handle_is_premultiplied_alpha(handle)) divideByAlpha(pixels.data)
  return pixels
}

/**
 * The same of tiles, not turned yet, made smaller by a whole number: one tile after the other, so that no more memory is
 * taken than for one.
 */
export function decodeHeifTiles(bytes: Uint8Array, tiling: Tiling, factor: number): Pixels {
  const { lib, context } = open(bytes)
  let release = () => {}
  return shrinkTiles(tiling, factor, (item) => {
    release()
    const handle = lib.heif_js_context_get_image_handle(context, item)
    if (handle.message !== undefined) throw new Error(handle.message)
    const { pixels, image } = decode(lib, handle, false)
    release = () => {
      lib.heif_image_release(image)
      lib.heif_image_handle_release(handle)
    }
    return pixels
  })
}

/** The pixels are in the decoder's memory. */
function decode(lib: Libheif, handle: Handle, hasAlpha: boolean): { pixels: Pixels; image: unknown } {
  const { heif_chroma_interleaved_RGB: rgb, heif_chroma_interleaved_RGBA: rgba } = lib.heif_chroma
  const { heif_colorspace_RGB: colorspace } = lib.heif_colorspace
  const { channels, message, image } = lib.heif_js_decode_image2(handle, colorspace, hasAlpha ? rgba : rgb)
  const [channel] = channels ?? []
  if (!channel) throw new Error(message ?? 'no picture')
  return { pixels: withoutGaps(channel, hasAlpha ? 4 : 3), image }
}

/**
 * libheif goes by the brands: it does not know all of them, and takes a sequence with a still picture for a sequence. The
 * primary picture is a still, whatever else the file calls itself. Writes to the bytes.
 */
function asStill(bytes: Uint8Array): void {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const end = Math.min(view.readUInt32BE(0), view.length)
  for (let at = 8; at + 4 <= end; at += 4) if (at !== 12) view.write('heic', at, 'latin1')
}

/** Rows end at an address that is a multiple of 16: they are moved together, in place. */
function withoutGaps({ data, width, height, stride }: Channel, channels: 3 | 4): Pixels {
  const row = width * channels
  if (stride !== row) for (let y = 1; y < height; y++) data.copyWithin(y * row, y * stride, y * stride + row)
  return { data: data.subarray(0, row * height), width, height, channels }
}

function divideByAlpha(data: Uint8Array): void {
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3] as number
    if (alpha === 255 || alpha === 0) continue
    for (let i = at; i < at + 3; i++) data[i] = Math.min(255, Math.round(((data[i] as number) * 255) / alpha))
  }
}
