import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(import.meta.resolve('../../packages/tintype/bin/tintype.js'))

export interface ServerProcess {
  url: string
  child: ChildProcess
  /** The next log line with this event, from now on. */
  event(name: string): Promise<Record<string, unknown>>
  /** Ends it as a power cut would. */
  kill(): Promise<void>
  /** Ends it as a deployment does, and tells its exit code. */
  terminate(): Promise<number | null>
}

/** `tintype serve` as a process of its own, on a free port. */
export async function startProcess(env: Record<string, string>): Promise<ServerProcess> {
  const child = spawn(process.execPath, [command, 'serve'], {
    env: { PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const waiting = new Map<string, ((fields: Record<string, unknown>) => void)[]>()
  const started = Promise.withResolvers<string>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{')) return
    const fields = JSON.parse(line) as Record<string, unknown>
    const event = String(fields.event)
    if (event === 'server.started') started.resolve(String(fields.url))
    for (const resolve of waiting.get(event)?.splice(0) ?? []) resolve(fields)
  })
  child.once('exit', (code) => started.reject(new Error(`The server ended with ${code} before it listened.`)))
  const url = await started.promise
  const ended = once(child, 'exit')
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    return (await ended)[0] as number | null
  }
  return {
    url,
    child,
    event(name) {
      const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>()
      waiting.set(name, [...(waiting.get(name) ?? []), resolve])
      return promise
    },
    kill: async () => void (await end('SIGKILL')),
    terminate: () => end('SIGTERM'),
  }
}
