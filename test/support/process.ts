import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Where the packages are whose server is run, unless a test names copies of them. */
export const repository = fileURLToPath(new URL('../..', import.meta.url))

/** The `tintype` command of these packages. */
export const commandIn = (source: string) => join(source, 'packages/server/bin/tintype.js')
export const command = commandIn(repository)
const localS3 = fileURLToPath(new URL('../../packages/local-s3/bin/local-s3.js', import.meta.url))

export interface ServerProcess {
  url: string
  child: ChildProcess
  /** The next log line with this event, from now on. */
  event(name: string): Promise<Record<string, unknown>>
  /** Resolves when the process has ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** Ends it as a power cut would. */
  kill(): Promise<void>
  /** Ends it as a deployment does, and tells its exit code. */
  terminate(): Promise<number | null>
}

/**
 * `tintype serve` as a process of its own, on a free port. What is deleted goes at once.
 * @param options.source folder above the packages that are run
 * @param options.stderr `ignore` where it is part of the test that servers don't come up
 * @param options.cwd where its `.env` is
 * @param options.program what Node runs instead
 * @throws when it ends before it listens
 */
export async function startProcess(
  env: Record<string, string>,
  {
    source = repository,
    stderr = 'inherit',
    cwd = process.cwd(),
    program = [commandIn(source), 'serve'],
  }: { source?: string; stderr?: 'inherit' | 'ignore'; cwd?: string; program?: string[] } = {},
): Promise<ServerProcess> {
  const child = spawn(process.execPath, program, {
    env: { PORT: '0', UNDO_WINDOW: '0', ...env },
    cwd,
    stdio: ['ignore', 'pipe', stderr],
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
  const ended = endOf(child)
  void ended.then(({ code, signal }) =>
    started.reject(new Error(`The server ended with ${code ?? signal} before it listened.`)),
  )
  const url = await started.promise
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    return (await ended).code
  }
  return {
    url,
    child,
    ended,
    event(name) {
      const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>()
      waiting.set(name, [...(waiting.get(name) ?? []), resolve])
      return promise
    },
    kill: async () => void (await end('SIGKILL')),
    terminate: () => end('SIGTERM'),
  }
}

/** local-s3 as a process of its own: it outlives the servers that are killed. */
export async function startS3Process(options: {
  directory: string
  /** A JSON file of identities, see local-s3's `--identities`. */
  identities: string
}): Promise<{ url: string; stop(): Promise<void> }> {
  const { directory, identities } = options
  const args = [localS3, '--directory', directory, '--identities', identities, '--port', '0']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = endOf(child)
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const [url] = /http:\S+/.exec(line) ?? []
  if (url === undefined) throw new Error(`local-s3 said: ${line}`)
  return {
    url,
    async stop() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function endOf(child: ChildProcess) {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return { code, signal }
}
