/** Bytes that a process may grow by before its garbage is collected. */
const mostGarbage = 16 * 1024 * 1024

/**
 * The pixels of a photo and the memory of a decoder in WebAssembly lie outside of V8's heap, and V8 is in no hurry with them: the
 * process would have to be replaced for garbage, which takes a second of CPU time.
 *
 * @param options.resident bytes that the process has resident
 * @param options.collect takes 8 to 20 ms. @default V8's, where it is given
 * @returns to be called after each job
 */
export function createCollection({
  resident,
  collect = () => globalThis.gc?.(),
}: {
  resident(): number
  collect?: () => void
}): () => void {
  let least = resident()
  const isMuch = () => resident() >= least + mostGarbage
  return () => {
    least = Math.min(least, resident())
    if (!isMuch()) return
    collect()
    // What the decoder of HEIC had is let go of by one collection, and given back by the next.
    if (isMuch()) collect()
    // What is left is no garbage: it has to grow by as much again.
    least = resident()
  }
}
