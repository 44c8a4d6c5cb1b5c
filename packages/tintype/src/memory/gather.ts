/** Puts the pieces of a text together as they come. */
export interface Gathered {
  /** Copies it. */
  add(piece: Buffer): void
  /** All that has come, until the next `add`. */
  bytes(): Buffer
}

/**
 * A list of the pieces would cost a hundred times their bytes where a sender cuts them small: each byte of a body can
 * be a chunk of its own (RFC 9112 section 7.1), and each chunk is an object. So there is one buffer, at most twice as
 * large as what is in it.
 */
export function gather(): Gathered {
  let buffer = Buffer.alloc(0)
  let size = 0
  return {
    add(piece) {
      if (size + piece.length > buffer.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(2 * size, size + piece.length))
        buffer.copy(larger, 0, 0, size)
        buffer = larger
      }
      piece.copy(buffer, size)
      size += piece.length
    },
    bytes: () => buffer.subarray(0, size),
  }
}
