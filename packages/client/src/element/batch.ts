import type { UploadItem } from '../upload-item.ts'
import { isBusy } from './sorted.ts'

/** All files since nothing was under way, those that are done included, whether they are in the queue still or not. */
export interface Batch {
  total: number
  done: number
  /** Of all of them. */
  bytes: number
  sent: number
  /** How many were added, once nothing is under way any more, until it is forgotten. */
  added: number
}

/** Counts what is under way together with what has been done since. */
export function createBatch() {
  /** Also of batches before: they may stay in the queue, and are no part of the next. */
  const counted = new Set<string>()
  let done = 0
  let doneBytes = 0
  let added = 0

  return {
    /** @param isLooking more may come */
    count(items: readonly UploadItem[], isLooking: boolean): Batch {
      for (const { id, size, state } of items) {
        if (state !== 'done' || counted.has(id)) continue
        counted.add(id)
        done++
        doneBytes += size
      }
      const busy = items.filter(isBusy)
      if (isLooking || busy.length > 0) added = 0
      else if (done > 0) {
        added = done
        done = doneBytes = 0
      }
      const all = { total: done + busy.length, done, bytes: doneBytes, sent: doneBytes, added }
      for (const { size, sent } of busy) {
        all.bytes += size
        all.sent += sent
      }
      return all
    },
    forget() {
      added = 0
    },
  }
}
