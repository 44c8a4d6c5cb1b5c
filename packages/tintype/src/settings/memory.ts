import { totalmem } from 'node:os'

const mebibyte = 1024 ** 2

/**
 * With less, uploads would have so little of it that not even a photo of a phone is taken: of this, they have 6 MB
 * (`divideMemory`).
 */
export const leastMemory = 16 * mebibyte

/** A quarter of a container's memory where it has a limit, else of the machine's. */
export function defaultMemory(): number {
  const constrained = process.constrainedMemory()
  const total = constrained > 0 && constrained < totalmem() ? constrained : totalmem()
  return Math.max(leastMemory, Math.min(Math.floor(total / 4), 512 * mebibyte))
}
