/**
 * Memory for files on their way to S3. An unused buffer lingers until V8 collects it, and V8
 * doesn't count it as heap: many uploads at once would take several times the budget. A buffer is a
 * resizable ArrayBuffer instead: it reserves addresses alone, grows in place without copying, and transferring it
 * hands the pages back to the operating system at once. Making it smaller in place would first write zeros over all
 * that it gives back, also over pages that nobody has touched: 30 MB that were announced and did not come take up to 200 ms.
 */
export interface PooledBuffer {
  /** All of its memory. Old views are empty after {@link PooledBuffer.free}, and stay valid when it grows. */
  readonly bytes: Buffer
  /** What it held stays where it is. */
  growTo(bytes: number): void
  /** Gives the memory beyond this many bytes back to the system. Old views are empty then: what it held is copied. */
  shrinkTo(bytes: number): void
  /**
   * Gives the memory back; may be called twice. Nothing may be reading it any more: no socket that still sends it.
   */
  free(): void
}

export interface BufferPool {
  /** @param bytes at least this many; their content is undefined */
  take(bytes: number): PooledBuffer
}

/**
 * @param options.largest bytes that one buffer can have at the most
 * @param options.keep bytes in freed buffers that stay mapped for the next upload, which spares a small one the page
 * faults. @default 24 MiB
 */
export function createBufferPool({
  largest,
  keep = 24 * 1024 * 1024,
}: {
  largest: number
  keep?: number
}): BufferPool {
  const warm: ArrayBuffer[] = []
  let kept = 0

  return {
    take(bytes) {
      const memory = warm.pop() ?? unused()
      kept -= memory.byteLength
      return createPooledBuffer(memory, bytes)
    },
  }

  function unused(): ArrayBuffer {
    return new ArrayBuffer(0, { maxByteLength: largest })
  }

  function createPooledBuffer(memory: ArrayBuffer, wanted: number): PooledBuffer {
    if (memory.byteLength < wanted) memory.resize(wanted)
    let bytes = Buffer.from(memory, 0, memory.byteLength)
    let isFree = false
    return {
      get bytes() {
        return bytes
      },
      growTo(more) {
        if (more <= memory.byteLength) return
        memory.resize(more)
        bytes = Buffer.from(memory, 0, more)
      },
      shrinkTo(less) {
        if (less >= memory.byteLength) return
        const smaller = unused()
        smaller.resize(less)
        const copy = Buffer.from(smaller, 0, less)
        copy.set(bytes.subarray(0, less))
        memory.transferToFixedLength(0)
        memory = smaller
        bytes = copy
      },
      free() {
        if (isFree) return
        isFree = true
        bytes = nothing
        const fits = memory.byteLength <= largestKept && kept + memory.byteLength <= keep
        if (!fits) return void memory.transferToFixedLength(0)
        kept += memory.byteLength
        warm.push(memory)
      },
    }
  }
}

const largestKept = 6 * 1024 * 1024
const nothing = Buffer.alloc(0)
