/** Progress of an upload. A failed attempt takes back what it had sent. */
export interface Progress {
  /** Bytes of the file that were sent. */
  sent: number
  /** Bytes of the file. */
  total: number
  /** Over the last seconds; 0 until something was sent. */
  bytesPerSecond: number
  /** At this speed; null while there is none. */
  secondsLeft: number | null
}

export interface ProgressMeter {
  /** Bytes of the file that were sent. */
  readonly sent: number
  /** Bytes of this piece that were sent so far. */
  sending(piece: string | number, sent: number): void
  /** The storage has this piece already: it counts as sent, but not for the speed. */
  skipped(piece: string | number, bytes: number): void
  /** It has ended, one way or another. */
  stop(): void
}

/** Milliseconds over which the speed is averaged. */
const window = 6000
/** Milliseconds before which there is no telling the speed. */
const shortest = 500

/** Adds up the pieces of one file. @param now milliseconds */
export function createProgressMeter(
  total: number,
  report: (progress: Progress) => void,
  now: () => number = () => performance.now(),
): ProgressMeter {
  const pieces = new Map<string | number, number>()
  /** Points in time, with the bytes sent until then. */
  let marks = [{ at: now(), moved: 0 }]
  let sent = 0
  let moved = 0
  let idle: ReturnType<typeof setTimeout> | undefined

  const set = (piece: string | number, bytes: number) => {
    const change = bytes - (pieces.get(piece) ?? 0)
    pieces.set(piece, bytes)
    sent += change
    return change
  }
  const tell = () => {
    const at = now()
    marks = [...marks.filter((mark, i) => i === marks.length - 1 || at - mark.at <= window), { at, moved }]
    const [first] = marks as [{ at: number; moved: number }]
    const elapsed = at - first.at
    const bytesPerSecond = elapsed < shortest ? 0 : ((moved - first.moved) / elapsed) * 1000
    const secondsLeft = bytesPerSecond > 0 ? (total - sent) / bytesPerSecond : null
    report({ sent, total, bytesPerSecond, secondsLeft })
    // Nothing moves any more: nor does the speed stay.
    clearTimeout(idle)
    if (bytesPerSecond > 0) idle = setTimeout(rest, window / 2)
  }
  const rest = () => {
    marks = [{ at: now(), moved }]
    report({ sent, total, bytesPerSecond: 0, secondsLeft: null })
  }
  return {
    get sent() {
      return sent
    },
    sending(piece, bytes) {
      moved += Math.max(0, set(piece, bytes))
      tell()
    },
    skipped(piece, bytes) {
      set(piece, bytes)
      tell()
    },
    stop: () => clearTimeout(idle),
  }
}
