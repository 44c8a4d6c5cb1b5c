import type { Clock } from '../../clock.ts'
import { crashPoint } from '../../crash-points.ts'
import type { Quota } from '../../records/ledger-types.ts'
import type { Records } from '../../records/records.ts'
import type {
  Acknowledged,
  ResumableUpload,
  StoredPartRow,
  TailObject,
} from '../../records/resumable-records.ts'
import type { Sweeper } from '../../sweep/sweeper.ts'
import { isRolledBack } from '../store.ts'
import { takenOver } from './errors.ts'
import { bytesIn } from './tail.ts'

/** What one request has stored, and what of it is acknowledged: in the ledger, then to the sender. */
export interface Progress {
  /** Where the first part of this request begins: all before it are whole. */
  readonly base: number
  /** The next number for a part. */
  nextNumber(): number
  /** S3 has taken the part that was sent as the `index`-th. */
  stored(index: number, part: StoredPartRow): void
  /** Acknowledges all parts up to the first that is missing, if there are any. @param taken bytes of the whole */
  acknowledgeParts(taken: number): Promise<void>
  /** @throws {TintypeError} `conflict` when another request goes on with the upload */
  acknowledge(what: What): Promise<void>
  /** Deletes what was stored for the upload and is no part of it now; of what may be, the end of the upload decides. */
  forget(objects: TailObject[]): Promise<void>
  /** Leaves the upload as it was: what was stored meanwhile is no part of it. */
  giveUp(): Promise<void>
}

type What = Omit<Acknowledged, 'parts' | 'nextPart' | 'quota'>

export interface ProgressStart {
  partBytes: number
  /** Whether the upload is complete as soon as all of its announced bytes are stored, however the request ends. */
  mayComplete: boolean
  /** Of an upload whose length is not known yet. */
  quota: Quota | undefined
  onAcknowledged(received: number): void
}

export function createProgress(
  { records, sweeper, clock }: { records: Records; sweeper: Sweeper; clock: Clock },
  upload: ResumableUpload,
  { partBytes, mayComplete, quota, onAcknowledged }: ProgressStart,
): Progress {
  const { resumable } = upload
  const base = resumable.received - bytesIn(resumable.tail)
  const all: StoredPartRow[] = []
  /** What was acknowledged once, and is due since then. */
  const dropped: TailObject[] = []
  /** What may be acknowledged: the database has not said what became of it. */
  const unsure: TailObject[] = []
  let acknowledged = 0
  let nextPart = resumable.next_part

  function withoutGap(): StoredPartRow[] {
    const parts = all.slice(acknowledged)
    const gap = Array.from<unknown>(parts).indexOf(undefined)
    return gap === -1 ? parts : parts.slice(0, gap)
  }

  async function forget(objects: TailObject[]): Promise<void> {
    const all = [...resumable.tail, ...dropped, ...unsure]
    const keys = objects.map(({ key }) => key).filter((key) => !all.some((one) => one.key === key))
    if (keys.length === 0) return
    // Where this fails, they are swept with the upload.
    await records.ledger.discard(keys, clock.now()).catch(() => {})
    sweeper.wake()
  }

  async function add(parts: StoredPartRow[], what: What): Promise<void> {
    const entry = { ...what, parts, nextPart, quota }
    const isTaken = await records.resumables
      .acknowledge(upload, entry, clock.now())
      .catch((error: unknown) => {
        if (!isRolledBack(error)) unsure.push(...(what.tail ?? []))
        throw error
      })
    if (!isTaken) {
      await forget(what.tail ?? [])
      throw takenOver()
    }
    crashPoint('resumable.acknowledged')
    acknowledged += parts.length
    Object.assign(resumable, { received: what.received, is_complete: what.isComplete ? 1 : 0 })
    if (what.tail) {
      const over = resumable.tail.filter(({ key }) => !what.tail?.some((one) => one.key === key))
      if (over.length > 0) sweeper.wake()
      dropped.push(...over)
      resumable.tail = what.tail
    }
    onAcknowledged(what.received)
  }

  return {
    base,
    nextNumber: () => nextPart++,

    stored(index, part) {
      all[index] = part
    },

    async acknowledgeParts(taken) {
      const parts = withoutGap()
      if (parts.length === 0) return
      // The last of all may be a short one.
      const received = Math.min(base + (acknowledged + parts.length) * partBytes, taken)
      // A client that finds all of its bytes there, though the answer was lost, sends nothing more.
      const isComplete = mayComplete && received === resumable.size
      await add(parts, { received, tail: [], isComplete, size: resumable.size, isOver: false })
    },

    acknowledge: (what) => add(withoutGap(), what),

    forget,

    async giveUp() {
      const { received, size } = resumable
      await add([], { received, size, isComplete: false, isOver: false })
    },
  }
}
