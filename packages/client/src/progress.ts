/** How far an upload is. A try that fails takes back what it had sent. */
export interface Progress {
  /** Bytes of the file that went out. */
  sent: number
  /** Bytes of the file. */
  total: number
  /** Over the last seconds; 0 until something has moved. */
  bytesPerSecond: number
  /** At this speed; null while there is none. */
  secondsLeft: number | null
}

export interface ProgressMeter {
  /** Bytes of the file that are out. */
  readonly sent: number
  /** The piece of this name is so far out, in bytes. */
  sending(piece: string | number, sent: number): void
  /** The piece is there already and need not be sent: it says nothing about the speed. */
  skipped(piece: string | number, bytes: number): void
}

/** Speed is what moved in this many milliseconds. */
const window = 6000
/** Before so long nothing can be said about the speed. */
const shortest = 500

/** Adds the pieces of one file up. @param now milliseconds */
export function createProgressMeter(
  total: number,
  report: (progress: Progress) => void,
  now: () => number = () => performance.now(),
): ProgressMeter {
  const pieces = new Map<string | number, number>()
  /** When so many bytes had moved since the beginning. */
  let marks = [{ at: now(), moved: 0 }]
  let sent = 0
  let moved = 0

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
  }
}
