import type { Clock } from '../clock.ts'
import type { ChangeRow } from '../records/schema.ts'

/** What a page is to be told next. `beat`: nothing, so that the connection is seen to be there. */
export type Told = { id: string } & (
  | { kind: 'changes'; changes: ChangeRow[] }
  | { kind: 'reset' | 'beat' | 'end' }
)

/** One page that listens. It takes as fast as it can; what it can't take becomes a `reset`. */
export interface LiveStream {
  /** Waits for what is to be told. After `end` there is no more. */
  next(): Promise<Told>
  /** From here on it is told what happens. */
  begin(seq: number): void
  tell(rows: ChangeRow[]): void
  /** More has happened than is known: the page has to look for itself. */
  reset(): void
  end(): void
}

/** Milliseconds of silence. Proxies cut connections that say nothing for a minute. */
export const heartbeat = 20_000
/** Changes that wait for a page that takes nothing. */
const mostWaiting = 1000

/** @param onEnd called once */
export function createLiveStream(clock: Clock, idOf: (seq: number) => string, onEnd: () => void): LiveStream {
  let waiting: ChangeRow[] = []
  let last = 0
  let state: 'open' | 'reset' | 'ended' = 'open'
  let wake = () => {}

  return {
    async next() {
      if (state === 'open' && waiting.length === 0) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        const cancel = clock.after(heartbeat, resolve)
        await promise
        cancel()
      }
      const id = idOf(last)
      if (state === 'ended') return { id, kind: 'end' }
      const changes = waiting
      waiting = []
      if (state === 'reset') {
        state = 'open'
        return { id, kind: 'reset' }
      }
      return changes.length > 0 ? { id, kind: 'changes', changes } : { id, kind: 'beat' }
    },
    begin(seq) {
      last = Math.max(last, seq)
    },
    tell(rows) {
      if (state === 'ended') return
      last = Math.max(last, ...rows.map(({ seq }) => seq))
      waiting.push(...rows)
      if (waiting.length > mostWaiting) this.reset()
      wake()
    },
    reset() {
      if (state === 'ended') return
      state = 'reset'
      waiting = []
      wake()
    },
    end() {
      if (state === 'ended') return
      state = 'ended'
      waiting = []
      onEnd()
      wake()
    },
  }
}
