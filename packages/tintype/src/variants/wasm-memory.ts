/**
 * Decoders in WebAssembly run in this thread, so that no timer can look at the memory while they work. They ask for more
 * of it through this one method, which refuses what goes beyond the limit: they then fail as where there is no memory.
 */
const grow = WebAssembly.Memory.prototype.grow
const pageBytes = 64 * 1024
let limit = Number.POSITIVE_INFINITY
let wasRefused = false

WebAssembly.Memory.prototype.grow = function (this: WebAssembly.Memory, pages: number): number {
  if (this.buffer.byteLength + pages * pageBytes > limit) {
    wasRefused = true
    throw new RangeError(outOfMemory)
  }
  return grow.call(this, pages)
}

const outOfMemory = 'The picture takes too much memory.'

/** @param bytes that the memory of one decoder may have, from now on */
export function limitWasmMemory(bytes: number): void {
  limit = bytes
  wasRefused = false
}

/** Whether a decoder has asked for more than that since. What it says of the picture then tells of its memory, not of damage. */
export const wantedMoreMemory = (): boolean => wasRefused
