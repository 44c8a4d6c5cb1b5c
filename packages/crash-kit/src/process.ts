import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A program that can be killed. */
export interface RunningProcess {
  child: ChildProcess
  /** Resolves when the process has ended; rejects when there is no such program. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** Ends it as a power cut would, with all that it has started. */
  kill(): Promise<void>
  /** Ends it as a deployment does, and tells its exit code. */
  terminate(): Promise<number | null>
}

export interface StartOptions {
  /** All of its environment: nothing of this process's own is passed on. */
  env: Record<string, string>
  /** @default the folder of this process */
  cwd?: string | undefined
  /** Where its stderr goes; a number is a file descriptor. @default 'inherit' */
  stderr?: 'inherit' | 'ignore' | number
  /** Called for each line of its stdout; without it, stdout goes where stderr goes. */
  onLine?: (line: string) => void
}

/**
 * Starts a program in a process group of its own: `npm start` and `flask run` are not the server but start it, and a kill
 * that hits them alone is none. When the program ends, what it has started is killed, as in a container.
 * @param command the program and its arguments; `node` is the Node that runs this
 */
export function startProgram(
  [program = '', ...args]: readonly string[],
  options: StartOptions,
): RunningProcess {
  const { env, cwd = process.cwd(), stderr = 'inherit', onLine } = options
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    env,
    cwd,
    stdio: ['ignore', onLine ? 'pipe' : stderr, stderr],
    detached: true,
  })
  endWithUs(child)
  if (onLine && child.stdout) createInterface({ input: child.stdout }).on('line', onLine)
  const ended = endOf(child)
  ended.catch(() => {})
  return {
    child,
    ended,
    async kill() {
      killGroup(child)
      await ended.catch(() => {})
    },
    async terminate() {
      child.kill('SIGTERM')
      return (await ended).code
    },
  }
}

async function endOf(child: ChildProcess) {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return { code, signal }
}

/** A group of its own hears nothing of Ctrl-C. */
const alive = new Set<ChildProcess>()

function endWithUs(child: ChildProcess): void {
  if (alive.size === 0) process.on('exit', killAll)
  if (alive.size === 0) for (const signal of signals) process.on(signal, passOn)
  alive.add(child)
  child.once('exit', () => {
    killGroup(child)
    forget(child)
  })
  child.once('error', () => forget(child))
}

function forget(child: ChildProcess): void {
  if (!alive.delete(child) || alive.size > 0) return
  process.off('exit', killAll)
  for (const signal of signals) process.off(signal, passOn)
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function passOn(signal: NodeJS.Signals): void {
  killAll()
  for (const one of signals) process.off(one, passOn)
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
}

function killAll(): void {
  for (const child of alive) killGroup(child)
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // None of the group is left, or the system knows no groups.
    child.kill('SIGKILL')
  }
}
