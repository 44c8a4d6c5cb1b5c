/** Memory for the bodies of jobs, of which there is one at a time. */
export interface JobMemory {
  take(bytes: number): Buffer
  /** Of the body that was taken last: what comes next finds nothing of it. */
  free(body: Uint8Array): void
}

const megabyte = 1024 * 1024
/** Bytes of a body up to which its memory is kept for the next one. */
const mostKept = 8 * megabyte

/**
 * Pages that the system has to give anew cost a virtual machine more than what is copied into them, some ten microseconds each;
 * wiping them costs a fiftieth of that.
 */
export function createJobMemory(): JobMemory {
  let kept = Buffer.alloc(0)
  return {
    take(bytes) {
      if (bytes > mostKept) return Buffer.allocUnsafeSlow(bytes)
      if (bytes > kept.length) {
        release(kept)
        kept = Buffer.allocUnsafeSlow(Math.ceil(bytes / megabyte) * megabyte)
      }
      return kept.subarray(0, bytes)
    },
    free(body) {
      if (body.buffer === kept.buffer) body.fill(0)
      else release(body)
    },
  }
}

/** At once, so that the memory of a process does not depend on garbage collection. */
function release({ buffer }: Uint8Array): void {
  ;(buffer as ArrayBuffer).transfer(0)
}
