import { readFileSync } from 'node:fs'
import type { Clock } from '../clock.ts'

export interface WatchOptions {
  /** Milliseconds of CPU time that the job may use. */
  cpuLimit: number
  /** Milliseconds by the clock, pauses not counted. */
  clockLimit: number
  /** CPU time that the process has used since it began, in milliseconds; undefined where unknown. */
  cpuTime(): number | undefined
  clock: Clock
  /** Called once, when the job is over its limit. */
  onLimit(which: 'cpu' | 'clock'): void
}

export interface Watch {
  /** Runs work of ours that the job waits for: its time is not counted. */
  pauseFor<T>(work: Promise<T>): Promise<T>
  stop(): void
}

/** The shortest interval between two checks, in milliseconds. */
const shortestInterval = 50

/**
 * Tells a job that never ends from one that gets no CPU on a busy machine. The first is known by its CPU time, however
 * busy the machine is, and is the file's fault. The second has to end some day too, but says nothing about its file.
 * Where CPU time is unknown, every millisecond of the clock counts as one.
 */
export function startWatch({ cpuLimit, clockLimit, cpuTime, clock, onLimit }: WatchOptions): Watch {
  const before = cpuTime()
  let spent = 0
  let begun = clock.now()
  let cancel = () => {}
  let isOver = false

  function check(): void {
    const elapsed = spent + clock.now() - begun
    const now = cpuTime()
    const used = before === undefined || now === undefined ? elapsed : now - before
    const left = Math.min(cpuLimit - used, clockLimit - elapsed)
    if (left > 0) {
      cancel = clock.after(Math.max(left, shortestInterval), check)
      return
    }
    isOver = true
    onLimit(used >= cpuLimit ? 'cpu' : 'clock')
  }
  check()

  return {
    async pauseFor(work) {
      cancel()
      spent += clock.now() - begun
      try {
        return await work
      } finally {
        begun = clock.now()
        if (!isOver) check()
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
