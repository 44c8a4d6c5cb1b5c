import { readdirSync, readFileSync } from 'node:fs'

/**
 * Milliseconds of CPU that the threads of a process and of all processes below it have used so far, to the
 * nanosecond: what `/proc/PID/stat` tells in steps of 10 ms is too coarse for a few milliseconds. Threads that have
 * ended are not in it. Linux: https://docs.kernel.org/scheduler/sched-stats.html
 */
export function cpuTime(pid: number): number {
  let nanoseconds = 0
  const processes = [pid]
  for (const each of processes) {
    for (const task of tasksOf(each)) {
      nanoseconds += Number(read(`${task}/schedstat`).split(' ')[0])
      processes.push(...read(`${task}/children`).split(' ').filter(Boolean).map(Number))
    }
  }
  return nanoseconds / 1e6
}

function tasksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`)
  } catch {
    return []
  }
}

/** Empty when the thread has gone meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
