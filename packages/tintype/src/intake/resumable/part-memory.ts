import { connectionBytes, type ScopedReservation } from '../../memory/budget.ts'
import type { BufferPool, PooledBuffer } from '../../memory/buffer-pool.ts'

/** The buffers of one request: what is reserved is what they have, and the connection. */
export interface PartMemory {
  /** A buffer of this many bytes, or none where there is no room now. */
  tryTake(bytes: number): PooledBuffer | undefined
  /** Waits for it as those that arrive do. */
  take(bytes: number): Promise<PooledBuffer>
  /** Takes a buffer that has been in use before. @returns false where there is no room now */
  tryAdopt(buffer: PooledBuffer): boolean
  /** @param beside bytes that are needed with it. @returns false where there is no room now */
  tryGrow(buffer: PooledBuffer, bytes: number, beside?: number): boolean
  shrink(buffer: PooledBuffer, bytes: number): void
  /** Gives the buffer back and waits, with nothing but the connection, for one of this many bytes. */
  exchange(buffer: PooledBuffer, bytes: number): Promise<PooledBuffer>
  free(buffer: PooledBuffer): void
  /** The buffer is the caller's from now on. */
  handOver(buffer: PooledBuffer): void
  /** Of all buffers. */
  readonly count: number
  readonly bytes: number
  freeAll(): void
}

/** @param least bytes that were reserved for the first buffer, which stay reserved for the next one */
export function createPartMemory(
  pool: BufferPool,
  reservation: Pick<ScopedReservation, 'tryGrowTo' | 'growInTurn' | 'shrinkTo'>,
  least: number,
): PartMemory {
  const buffers = new Set<PooledBuffer>()

  function bytesOfAll(): number {
    return Array.from(buffers, ({ bytes }) => bytes.length).reduce((sum, bytes) => sum + bytes, 0)
  }

  function tryReserve(more: number): boolean {
    return reservation.tryGrowTo(connectionBytes + bytesOfAll() + more)
  }

  function giveBack(floor: number): void {
    reservation.shrinkTo(connectionBytes + Math.max(bytesOfAll(), floor))
  }

  /** One that was used before may be larger than wanted. */
  function takeReserved(bytes: number): PooledBuffer {
    const buffer = pool.take(bytes)
    if (!tryReserve(buffer.bytes.length)) buffer.shrinkTo(bytes)
    buffers.add(buffer)
    return buffer
  }

  async function take(bytes: number): Promise<PooledBuffer> {
    await reservation.growInTurn(connectionBytes + bytesOfAll() + bytes)
    return takeReserved(bytes)
  }

  return {
    tryTake: (bytes) => (tryReserve(bytes) ? takeReserved(bytes) : undefined),

    take,

    tryAdopt(buffer) {
      if (!tryReserve(buffer.bytes.length)) return false
      buffers.add(buffer)
      return true
    },

    tryGrow(buffer, bytes, beside = 0) {
      const more = Math.max(0, bytes - buffer.bytes.length)
      if (more + beside > 0 && !tryReserve(more + beside)) return false
      buffer.growTo(bytes)
      return true
    },

    shrink(buffer, bytes) {
      buffer.shrinkTo(bytes)
      giveBack(least)
    },

    async exchange(buffer, bytes) {
      buffers.delete(buffer)
      buffer.free()
      giveBack(0)
      return take(bytes)
    },

    free(buffer) {
      buffers.delete(buffer)
      buffer.free()
      giveBack(least)
    },

    handOver: (buffer) => void buffers.delete(buffer),

    get count() {
      return buffers.size
    },

    get bytes() {
      return bytesOfAll()
    },

    freeAll() {
      for (const buffer of buffers) buffer.free()
      buffers.clear()
    },
  }
}
