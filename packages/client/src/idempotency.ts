import { toHex } from './hex.ts'

/**
 * A new `Idempotency-Key`: 128 random bits in hex. One stands for one file; every further try carries
 * the same, so a file whose answer was lost is not stored twice.
 * Works on plain-HTTP pages too, where `crypto.randomUUID` is missing.
 */
export function createIdempotencyKey(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(16)).buffer)
}
