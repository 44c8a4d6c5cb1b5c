import type { EventEmitter } from 'node:events'
import { performance } from 'node:perf_hooks'
import type { Clock } from 'tintype/internal/clock'
import type { Log } from 'tintype/internal/log'

/** What a look at the process finds. */
export interface MemoryLook {
  /** Bytes resident. */
  resident: number
  /** Bytes that V8 counts for objects and buffers, garbage included. */
  taken: number
  /** Share of the time since the last look in which JavaScript ran, 0 to 1. */
  busy: number
}

/** Milliseconds between two looks. One costs some 20 µs. */
const interval = 2_000
/** Share of busy time above which clients would notice the pause. */
const quiet = 0.1
/**
 * Connections at once that count as a peak. With fewer, V8 is not asked: it also drops compiled code, so that ordinary
 * bursts would begin with compiling it again.
 */
const peakConnections = 100
/** Bytes resident over what there was at the start: less isn't worth a pause. */
const worthwhile = 48 * 1024 * 1024
/** Bytes by which V8's count has changed since it was last asked: else it would find nothing. */
const promising = 16 * 1024 * 1024

/**
 * Returns memory to the system after a peak, at no cost before. V8 keeps the pages that a peak needed, and its garbage,
 * until it needs memory again: on a quiet server, for ever. So when there is much of it and nothing to do, V8 is asked
 * once for a full collection, which stops the process for some 50 ms. While there is work to do, nothing happens.
 *
 * @returns stops it
 */
export function returnMemory({
  server,
  clock,
  log,
  look = createLook(),
  collect = collectGarbage,
}: {
  /** Tells of its connections. */
  server: EventEmitter
  clock: Clock
  log: Log
  look?: () => MemoryLook
  collect?: () => Promise<void>
}): () => void {
  const atStart = look().resident
  let kept = 0
  let open = 0
  let mostOpen = 0
  let cancelTimer = clock.after(interval, watch)
  let stopped = false
  server.on('connection', (socket: EventEmitter) => {
    mostOpen = Math.max(mostOpen, ++open)
    socket.once('close', () => open--)
  })

  async function watch(): Promise<void> {
    const before = look()
    // It asks again even if there is less now: the last collection was in the middle of the peak.
    const hasChanged = Math.abs(before.taken - kept) > promising
    const isLarge = before.resident > atStart + worthwhile && hasChanged
    if (mostOpen >= peakConnections && isLarge && before.busy < quiet) {
      const error: unknown = await collect().catch((error: unknown) => error)
      const after = look()
      kept = after.taken
      mostOpen = open
      if (error) log.warn('memory.not_returned', { error })
      else log.info('memory.returned', { before: before.resident, after: after.resident })
    }
    if (!stopped) cancelTimer = clock.after(interval, watch)
  }

  return () => {
    stopped = true
    cancelTimer()
  }
}

/**
 * Collects all garbage and gives V8's spare pages back. `gc()`, were it exposed, would keep those.
 *
 * @throws where Node was built without an inspector, or denies it
 * @see https://chromedevtools.github.io/devtools-protocol/v8/HeapProfiler/#method-collectGarbage
 */
export async function collectGarbage(): Promise<void> {
  const { Session } = await import('node:inspector/promises')
  const session = new Session()
  session.connect()
  try {
    await session.post('HeapProfiler.collectGarbage')
  } finally {
    session.disconnect()
  }
}

function createLook(): () => MemoryLook {
  let last = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    const { rss, heapTotal, external } = process.memoryUsage()
    return { resident: rss, taken: heapTotal + external, busy: utilization }
  }
}
