import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type RunningProcess, startProgram } from '@tintype/crash-kit'

/** Where the packages are whose server is run, unless a test names copies of them. */
export const repository = fileURLToPath(new URL('../..', import.meta.url))

/** The `tintype` command of these packages. */
export const commandIn = (source: string) => join(source, 'packages/server/bin/tintype.js')
export const command = commandIn(repository)
const localS3 = fileURLToPath(new URL('../../packages/local-s3/bin/local-s3.js', import.meta.url))

export interface ServerProcess extends RunningProcess {
  url: string
  /** The next log line with this event, from now on. */
  event(name: string): Promise<Record<string, unknown>>
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
  const waiting = new Map<string, ((fields: Record<string, unknown>) => void)[]>()
  const started = Promise.withResolvers<string>()
  const onLine = (line: string) => {
    if (!line.startsWith('{')) return
    const fields = JSON.parse(line) as Record<string, unknown>
    const event = String(fields.event)
    if (event === 'server.started') started.resolve(String(fields.url))
    for (const resolve of waiting.get(event)?.splice(0) ?? []) resolve(fields)
  }
  const running = startProgram(['node', ...program], {
    env: { PORT: '0', UNDO_WINDOW: '0', ...env },
    cwd,
    stderr,
    onLine,
  })
  void running.ended.then(({ code, signal }) =>
    started.reject(new Error(`The server ended with ${code ?? signal} before it listened.`)),
  )
  const url = await started.promise
  return {
    ...running,
    url,
    event(name) {
      const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>()
      waiting.set(name, [...(waiting.get(name) ?? []), resolve])
      return promise
    },
  }
}

/** local-s3 as a process of its own: it outlives the servers that are killed. */
export async function startS3Process(options: {
  directory: string
  /** A JSON file of identities, see local-s3's `--identities`. */
  identities: string
}): Promise<{ url: string; stop(): Promise<void> }> {
  const { directory, identities } = options
  const { promise, resolve } = Promise.withResolvers<string>()
  const { kill } = startProgram(
    ['node', localS3, '--directory', directory, '--identities', identities, '--port', '0'],
    {
      env: {},
      onLine: resolve,
    },
  )
  const line = await promise
  const [url] = /http:\S+/.exec(line) ?? []
  if (url === undefined) throw new Error(`local-s3 said: ${line}`)
  return { url, stop: kill }
}
