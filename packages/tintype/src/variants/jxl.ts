import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { Pixels } from './shrink.ts'

interface JxlDecoder {
  decode(bytes: Uint8Array): { data: Uint8ClampedArray; width: number; height: number } | null
}

type Start = (options: {
  wasmBinary: Uint8Array
  noInitialRun: true
  printErr(): void
}) => Promise<JxlDecoder>

const loaded = await load()

/** Before the first job: later on nothing can be opened. It is compiled when the first JPEG XL comes. */
async function load(): Promise<{ start: Start; wasmBinary: Uint8Array } | undefined> {
  const { resolve } = createRequire(import.meta.url)
  try {
    const start = await import(pathToFileURL(resolve('@jsquash/jxl/codec/dec/jxl_dec.js')).href)
    return { start: start.default, wasmBinary: readFileSync(resolve('@jsquash/jxl/codec/dec/jxl_dec.wasm')) }
  } catch {
    return undefined
  }
}

/**
 * The picture, or the first frame of an animation: upright, in sRGB, with 8 bits.
 * @throws where the decoder can't read it: it does not say why
 */
export async function decodeJxl(bytes: Uint8Array): Promise<Pixels> {
  if (!loaded) throw new Error('unsupported: @jsquash/jxl is not installed')
  const { start, wasmBinary } = loaded
  const decoder = await start({ wasmBinary, noInitialRun: true, printErr: () => {} })
  const picture = decoder.decode(bytes)
  if (!picture) throw new Error('The picture can not be decoded.')
  const { data, width, height } = picture
  return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height, channels: 4 }
}
