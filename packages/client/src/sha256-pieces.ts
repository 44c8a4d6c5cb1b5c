import { toHex } from './hex.ts'
import { readAll } from './read-file.ts'

const pieceSize = 1024 ** 2

/** SHA-256 without WebCrypto, a mebibyte at a time. Pages on https load nothing of it. */
export async function sha256InPieces(blob: Blob): Promise<string> {
  const state = Int32Array.from(roots(2))
  for (let at = 0; at + 64 <= blob.size; at += pieceSize) {
    const piece = await readAll(blob.slice(at, at + pieceSize))
    const whole = piece.byteLength - (piece.byteLength % 64)
    compress(state, new DataView(piece, 0, whole))
  }
  const rest = new Uint8Array(await readAll(blob.slice(blob.size - (blob.size % 64))))
  compress(state, new DataView(padded(rest, blob.size)))
  const digest = new DataView(new ArrayBuffer(32))
  state.forEach((word, i) => {
    digest.setInt32(4 * i, word)
  })
  return toHex(digest.buffer)
}

/** FIPS 180-4, 5.1.1: a one, zeros, and the length in bits, up to a multiple of 64 bytes. */
function padded(rest: Uint8Array, size: number): ArrayBuffer {
  const bytes = new Uint8Array(rest.length < 56 ? 64 : 128)
  bytes.set(rest)
  bytes[rest.length] = 0x80
  new DataView(bytes.buffer).setBigUint64(bytes.length - 8, BigInt(size) * 8n)
  return bytes.buffer
}

/** FIPS 180-4, 4.2.2 and 5.3.3: the first 32 bits of the fractions of roots of the first primes. */
function roots(power: 2 | 3): number[] {
  const count = power === 2 ? 8 : 64
  const primes: number[] = []
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n)
  return primes.map((prime) => ((prime ** (1 / power) % 1) * 2 ** 32) | 0)
}

let constants: Int32Array | undefined
const turn = (word: number, by: number) => (word >>> by) | (word << (32 - by))
const words = new Int32Array(64)

/** FIPS 180-4, 6.2.2. */
function compress(state: Int32Array, blocks: DataView): void {
  constants ??= Int32Array.from(roots(3))
  const [k, w] = [constants, words]
  for (let at = 0; at < blocks.byteLength; at += 64) {
    for (let t = 0; t < 16; t++) w[t] = blocks.getInt32(at + 4 * t)
    for (let t = 16; t < 64; t++) {
      const x = w[t - 15] as number
      const y = w[t - 2] as number
      const small0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)
      const small1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10)
      w[t] = ((w[t - 16] as number) + small0 + (w[t - 7] as number) + small1) | 0
    }
    let a = state[0] as number
    let b = state[1] as number
    let c = state[2] as number
    let d = state[3] as number
    let e = state[4] as number
    let f = state[5] as number
    let g = state[6] as number
    let h = state[7] as number
    for (let t = 0; t < 64; t++) {
      const big1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)
      const one = (h + big1 + (g ^ (e & (f ^ g))) + (k[t] as number) + (w[t] as number)) | 0
      const big0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)
      const two = (big0 + ((a & b) | (c & (a | b)))) | 0
      h = g
      g = f
      f = e
      e = (d + one) | 0
      d = c
      c = b
      b = a
      a = (one + two) | 0
    }
    state[0] = (state[0] as number) + a
    state[1] = (state[1] as number) + b
    state[2] = (state[2] as number) + c
    state[3] = (state[3] as number) + d
    state[4] = (state[4] as number) + e
    state[5] = (state[5] as number) + f
    state[6] = (state[6] as number) + g
    state[7] = (state[7] as number) + h
  }
}
