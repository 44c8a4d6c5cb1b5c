import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A program that can be killed. */
export interface RunningProcess {
  child: ChildProcess
  /** Resolves when the process has ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** Ends it as a power cut would. */
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
 * Starts a program.
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
  })
  if (onLine && child.stdout) createInterface({ input: child.stdout }).on('line', onLine)
  const ended = endOf(child)
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    return (await ended).code
  }
  return {
    child,
    ended,
    kill: async () => void (await end('SIGKILL')),
    terminate: () => end('SIGTERM'),
  }
}

async function endOf(child: ChildProcess) {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return { code, signal }
}
