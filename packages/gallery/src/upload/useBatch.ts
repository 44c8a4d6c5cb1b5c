import type { UploadItem } from '@tintype/client'
import { useEffect, useRef, useState } from 'react'
import { isBusy } from './states.ts'

/** All files since nothing was under way: those that are done have left the queue. */
export interface Batch {
  total: number
  done: number
  /** Of all of them, those that are done included. */
  bytes: number
  sent: number
  /** How many were added, for a while after the last one, and as long as others are shown that failed. */
  added: number
}

/** Milliseconds for which "60 added" stays. */
const shownFor = 6000

/** Counts what is under way together with what has been done since. @param isLooking more may come */
export function useBatch(items: readonly UploadItem[], isLooking: boolean): Batch {
  const sizes = useRef(new Map<string, number>())
  const done = useRef(new Set<string>())
  /** Of the batch before: its last ones are in the queue for a moment after it has ended, and are no part of the next. */
  const before = useRef(new Set<string>())
  const [added, setAdded] = useState(0)
  const there = new Set<string>()
  for (const { id, size, state } of items) {
    if (state === 'failed' || state === 'paused' || before.current.has(id)) continue
    there.add(id)
    sizes.current.set(id, size)
    if (state === 'done') done.current.add(id)
  }
  // Cancelled, failed or paused: no part of it any more.
  for (const id of sizes.current.keys()) if (!there.has(id) && !done.current.has(id)) sizes.current.delete(id)
  const busy = isLooking || items.some(isBusy)
  const hasFailed = items.some(({ state }) => state === 'failed')
  const count = done.current.size

  useEffect(() => {
    if (busy || count === 0) return
    setAdded(count)
    sizes.current.clear()
    before.current = done.current
    done.current = new Set()
  }, [busy, count])
  useEffect(() => {
    if (busy) setAdded(0)
  }, [busy])
  useEffect(() => {
    if (added === 0 || hasFailed) return
    const timer = setTimeout(() => setAdded(0), shownFor)
    return () => clearTimeout(timer)
  }, [added, hasFailed])

  let bytes = 0
  let sent = 0
  for (const [id, size] of sizes.current) {
    bytes += size
    if (done.current.has(id)) sent += size
  }
  for (const item of items) if (isBusy(item)) sent += item.sent
  return { total: sizes.current.size, done: count, bytes, sent, added }
}
