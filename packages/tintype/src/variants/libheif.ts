import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Pixels } from './shrink.ts'

/** What is used of libheif-js: its bindings to libheif's C functions. */
interface Libheif {
  heif_colorspace: { heif_colorspace_RGB: unknown }
  heif_chroma: { heif_chroma_interleaved_RGB: unknown; heif_chroma_interleaved_RGBA: unknown }
  heif_context_alloc(): unknown
  heif_context_read_from_memory(
    context: unknown,
    bytes: Uint8Array,
  ): { code: { value: number }; message: string }
  heif_js_context_get_primary_image_handle(context: unknown): { message?: string }
  heif_image_handle_has_alpha_channel(handle: unknown): number
  heif_image_handle_is_premultiplied_alpha(handle: unknown): number
  heif_js_decode_image2(
    handle: unknown,
    colorspace: unknown,
    chroma: unknown,
  ): { message?: string; channels: Channel[] }
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

/**
 * The primary picture of a HEIF: upright by its own `irot` and `imir`, in the file's own colours, with 8 bits. The Exif
 * orientation beside it tells of the sensor and is not to be applied again.
 *
 * The pixels are in the decoder's memory, which each picture has anew.
 * @throws what libheif says
 */
export function decodeHeif(bytes: Uint8Array): Pixels {
  if (!loaded) throw new Error('unsupported: libheif-js is not installed')
  const quiet = () => {}
  const lib = loaded.start({ wasmBinary: loaded.wasmBinary, print: quiet, printErr: quiet })
  const context = lib.heif_context_alloc()
  asStill(bytes)
  const { code, message } = lib.heif_context_read_from_memory(context, bytes)
  if (code.value !== 0) throw new Error(message)
  const handle = lib.heif_js_context_get_primary_image_handle(context)
  if (handle.message !== undefined) throw new Error(handle.message)
  const hasAlpha = lib.heif_image_handle_has_alpha_channel(handle) !== 0
  const { heif_chroma_interleaved_RGB: rgb, heif_chroma_interleaved_RGBA: rgba } = lib.heif_chroma
  const picture = lib.heif_js_decode_image2(
    handle,
    lib.heif_colorspace.heif_colorspace_RGB,
    hasAlpha ? rgba : rgb,
  )
  const [channel] = picture.channels ?? []
  if (!channel) throw new Error(picture.message ?? 'no picture')
  const pixels = withoutGaps(channel, hasAlpha ? 4 : 3)
  if (hasAlpha && lib.heif_image_handle_is_premultiplied_alpha(handle)) divideByAlpha(pixels.data)
  return pixels
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
