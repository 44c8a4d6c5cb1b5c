import { readFileSync } from 'node:fs'
import type { Clock } from '../clock.ts'

export interface WatchOptions {
  /** Milliseconds of CPU time that the job may use. */
  cpuLimit: number
  /** Milliseconds by the clock, pauses not counted. */
  clockLimit: number
  /** CPU time that the process has used since it began, in milliseconds; undefined where nobody knows. */
  cpuTime(): number | undefined
  clock: Clock
  /** Called once, when the job is over its limit. */
  onLimit(which: 'cpu' | 'clock'): void
}

export interface Watch {
  /** Does work of ours that the job waits for: it takes none of the job's time. */
  pauseFor<T>(work: Promise<T>): Promise<T>
  stop(): void
}

/** Milliseconds between two looks at a job that is about to use up its time. */
const shortestLook = 50

/**
 * Tells a job that never ends from one that the machine gives no time. The first is known by the CPU time that it has
 * used, whatever its neighbours do; the second has to end some day too, but says nothing about its file. Where
 * CPU time is not known, every millisecond of the clock counts as one.
 */
export function startWatch({ cpuLimit, clockLimit, cpuTime, clock, onLimit }: WatchOptions): Watch {
  const before = cpuTime()
  let spent = 0
  let begun = clock.now()
  let cancel = () => {}
  let isOver = false

  function look(): void {
    const elapsed = spent + clock.now() - begun
    const now = cpuTime()
    const used = before === undefined || now === undefined ? elapsed : now - before
    const left = Math.min(cpuLimit - used, clockLimit - elapsed)
    if (left > 0) {
      cancel = clock.after(Math.max(left, shortestLook), look)
      return
    }
    isOver = true
    onLimit(used >= cpuLimit ? 'cpu' : 'clock')
  }
  look()

  return {
    async pauseFor(work) {
      cancel()
      spent += clock.now() - begun
      try {
        return await work
      } finally {
        begun = clock.now()
        if (!isOver) look()
      }
    },
    stop() {
      isOver = true
      cancel()
    },
  }
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: utime and stime, in hundredths of a second. */
export function cpuTimeOnLinux(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? []
    const time = (Number(fields[11]) + Number(fields[12])) * 10
    return Number.isFinite(time) ? time : undefined
  } catch {
    return undefined
  }
}
