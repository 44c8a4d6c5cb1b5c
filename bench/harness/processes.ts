import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** A server in a process of its own. */
export interface ServerProcess {
  /** `http://127.0.0.1:PORT` */
  origin: string
  pid: number
  stop(): Promise<void>
}

const running = new Set<() => void>()
process.once('exit', () => running.forEach((end) => void end()))

/**
 * Starts a script with this Node and waits until it prints its address. It ends with this process at the latest.
 * @param args of Node: options, script, arguments
 * @throws when it ends before it listens
 */
export async function startServer(args: string[], env: Record<string, string>): Promise<ServerProcess> {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // What servers complain of under load is not shown; what keeps one from starting is.
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-4000)
  })
  const ended = once(child, 'exit')
  const end = () => child.kill('SIGKILL')
  running.add(end)
  ended.then(() => running.delete(end))
  const origin = await Promise.race([
    printedAddress(child),
    ended.then(([code]) => Promise.reject(new Error(`${args.join(' ')} ended with ${code}: ${complaints}`))),
  ])
  return {
    origin,
    pid: child.pid as number,
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(end, 10_000)
      await ended
      clearTimeout(timer)
    },
  }
}

async function printedAddress(child: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  // Goes on reading whatever is logged, so that the pipe never fills.
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    const port = /https?:\/\/[\w.]+:(\d+)/.exec(line)?.[1]
    if (port !== undefined) resolve(`http://127.0.0.1:${port}`)
  })
  return promise
}

/** Milliseconds of CPU that a process and all below it have used so far. Linux. */
export function cpuOf(pid: number): number {
  let ticks = 0
  for (const each of treeOf(pid)) {
    const stat = readProc(`${each}/stat`)
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // utime, stime, and those of children that have ended (proc(5), fields 14 to 17).
    for (const value of fields.slice(11, 15)) ticks += Number(value)
  }
  return ticks * (1000 / ticksPerSecond)
}

/** Bytes resident in a process and all below it. Pages that they share count once for each. */
export function memoryOf(pid: number): number {
  return treeOf(pid).reduce((sum, each) => sum + statusField(each, 'VmRSS'), 0)
}

/** Bytes of a process and all below it, by their proportional shares: what several have in common counts once. */
export function sharedMemoryOf(pid: number): number {
  return treeOf(pid).reduce((sum, each) => sum + fieldOf(readProc(`${each}/smaps_rollup`), 'Pss'), 0)
}

/** Follows memory until it is told to stop. */
export interface MemoryWatch {
  /** @returns the most bytes that were resident at a time */
  stop(): number
}

/** Looks every 25 ms; the kernel's own high-water mark of the process itself catches what lies between. */
export function watchMemory(pid: number, memory = memoryOf): MemoryWatch {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
  let peak = memory(pid)
  const look = () => {
    peak = Math.max(peak, memory(pid))
  }
  const timer = setInterval(look, 25)
  return {
    stop() {
      clearInterval(timer)
      look()
      return Math.max(peak, statusField(pid, 'VmHWM'))
    },
  }
}

/** Of every Linux that Node runs on. */
const ticksPerSecond = 100

/** The process first, then everything below it. */
function treeOf(pid: number): number[] {
  const found = [pid]
  for (const each of found) {
    for (const thread of threadsOf(each)) {
      const children = readProc(`${each}/task/${thread}/children`).split(' ').filter(Boolean)
      found.push(...children.map(Number))
    }
  }
  return found
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

function statusField(pid: number, name: string): number {
  return fieldOf(readProc(`${pid}/status`), name)
}

/** Bytes, of a line such as `VmRSS:  1234 kB`. */
function fieldOf(text: string, name: string): number {
  const kilobytes = new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1]
  return Number(kilobytes ?? 0) * 1024
}

/** Empty when the process has gone meanwhile. */
function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8')
  } catch {
    return ''
  }
}
