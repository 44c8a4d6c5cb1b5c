import type { ResumableUpload, TailObject } from '../../records/resumable-records.ts'
import type { Part } from './kept-parts.ts'
import type { ResumableOptions } from './options.ts'
import type { PartMemory } from './part-memory.ts'
import { bytesIn, readTail, remaining, storeTail } from './tail.ts'

/** What the part that fills up has in S3 already, as objects of their own. */
export interface PartTail {
  readonly objects: TailObject[]
  readonly bytes: number
  /** All that have been stored by this request. */
  readonly stored: TailObject[]
  /** Another part begins. */
  begin(): void
  /** Stores what is in memory alone, and takes it for forgotten. @returns all objects, where there is a new one */
  store(part: Part): Promise<TailObject[] | undefined>
  /** Stores what is in memory alone, together with small objects before it. @returns all objects */
  storeMerged(part: Part): Promise<TailObject[]>
  /** Reads what is not in memory, down to `from`, where an object begins. There has to be room. */
  readBack(part: Part, from: number): Promise<void>
}

export function createPartTail(
  { bucket, records, clock }: Pick<ResumableOptions, 'bucket' | 'records' | 'clock'>,
  { row, resumable }: ResumableUpload,
  {
    memory,
    partBytes,
    signal,
  }: { memory: Pick<PartMemory, 'tryGrow'>; partBytes: number; signal: AbortSignal },
): PartTail {
  const stored: TailObject[] = []
  let objects = resumable.tail

  async function add(stay: TailObject[], { buffer, size, from }: Part): Promise<TailObject[]> {
    const bytes = buffer.bytes.subarray(bytesIn(stay) - from, size - from)
    const object = await storeTail({ bucket, ledger: records.ledger, clock }, bytes, row.due_at, signal)
    stored.push(object)
    objects = [...stay, object]
    return objects
  }

  async function readBack(part: Part, from: number): Promise<void> {
    const before = part.from - from
    if (before <= 0) return
    const { bytes } = part.buffer
    bytes.copyWithin(before, 0, part.size - part.from)
    let at = 0
    for (const object of objects) {
      if (at >= from && at < part.from) bytes.set(await readTail(bucket, object, signal), at - from)
      at += object.bytes
    }
    part.from = from
  }

  return {
    get objects() {
      return objects
    },

    get bytes() {
      return bytesIn(objects)
    },

    stored,

    begin() {
      objects = []
    },

    async store(part) {
      const found = part.size > bytesIn(objects) ? await add(objects, part) : undefined
      part.from = part.size
      return found
    },

    async storeMerged(part) {
      const added = part.size - bytesIn(objects)
      if (added === 0) return objects
      const few = remaining(objects, added, partBytes)
      const from = bytesIn(few)
      if (from < part.from && !memory.tryGrow(part.buffer, part.size - from)) return add(objects, part)
      await readBack(part, from)
      return add(few, part)
    },

    readBack,
  }
}
