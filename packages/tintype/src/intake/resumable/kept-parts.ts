import type { Clock } from '../../clock.ts'
import type { Budget } from '../../memory/budget.ts'
import type { PooledBuffer } from '../../memory/buffer-pool.ts'
import type { TailObject } from '../../records/resumable-records.ts'

/** A part that fills up. */
export interface Part {
  buffer: PooledBuffer
  /** Bytes that it has by now. */
  size: number
  /** From here on they are in memory; those before are in S3 alone. */
  from: number
  /** CRC32 of it; undefined while its beginning is not in memory. */
  checksum: number | undefined
}

/**
 * Parts of uploads that go on with another request stay in memory until then, so that what is stored is not read again. All
 * of it is in S3: it gives way as soon as an upload needs the room. Where an upload goes on in another process, or comes back
 * late, what is missing is read when the part is full.
 */
export interface KeptParts {
  /** The part with this tail, where it is still there; it is the caller's from now on. */
  take(id: string, tail: TailObject[]): Part | undefined
  /** Keeps it where there is room, or frees it. */
  keep(id: string, tail: TailObject[], part: Part): void
  drop(id: string): void
  clear(): void
}

/** Milliseconds. */
const longest = 60_000

export function createKeptParts({
  budget,
  clock,
}: {
  budget: Pick<Budget, 'lend'>
  clock: Clock
}): KeptParts {
  const kept = new Map<string, { part: Part; tail: TailObject[]; endLoan(): void }>()

  function remove(id: string): { part: Part; tail: TailObject[] } | undefined {
    const found = kept.get(id)
    kept.delete(id)
    found?.endLoan()
    return found
  }

  function drop(id: string): void {
    remove(id)?.part.buffer.free()
  }

  return {
    take(id, tail) {
      const found = remove(id)
      if (!found || isSame(found.tail, tail)) return found?.part
      found.part.buffer.free()
      return undefined
    },

    keep(id, tail, part) {
      drop(id)
      const end = budget.lend(part.buffer.bytes.length, () => drop(id))
      if (!end) return part.buffer.free()
      const cancelTimer = clock.after(longest, () => drop(id))
      const endLoan = () => {
        cancelTimer()
        end()
      }
      kept.set(id, { part, tail, endLoan })
    },

    drop,

    clear() {
      for (const id of [...kept.keys()]) drop(id)
    },
  }
}

/** Each key is written once, behind those that it was acknowledged with. */
function isSame(one: TailObject[], other: TailObject[]): boolean {
  return one.length === other.length && one.every(({ key }, index) => key === other[index]?.key)
}
