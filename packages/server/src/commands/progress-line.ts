/** Where the progress of a command is shown, if it is a terminal. */
export interface Terminal {
  isTTY?: boolean
  columns?: number
  write(text: string): unknown
}

export interface Progress {
  done: number
  /** As far as it is known. */
  all: number
  /** Beside the bar. */
  text: string
}

/** A line that is drawn anew again and again: on a terminal only. */
export interface ProgressLine {
  /** Before anything else is written. */
  clear(): void
  /** There is no more of it. */
  close(): void
}

const redrawEvery = 200
const barWidth = 24

/** @param look undefined while there is nothing to show */
export function createProgressLine(terminal: Terminal, look: () => Progress | undefined): ProgressLine {
  const timer = terminal.isTTY ? setInterval(draw, redrawEvery) : undefined

  function draw(): void {
    const progress = look()
    if (!progress) return
    const { done, all, text } = progress
    const share = Math.min(done / Math.max(all, done, 1), 1)
    const bar = '█'.repeat(Math.round(share * barWidth)).padEnd(barWidth, '░')
    const line = `${bar} ${Math.floor(share * 100)} %  ${text}`
    terminal.write(`\r\x1b[K${line.slice(0, (terminal.columns ?? 80) - 1)}`)
  }

  function clear(): void {
    if (timer) terminal.write('\r\x1b[K')
  }

  return {
    clear,
    close() {
      clearInterval(timer)
      clear()
    },
  }
}
