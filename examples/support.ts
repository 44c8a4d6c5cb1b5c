import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface RunningExample {
  url: string
  stop(): Promise<void>
}

/** Runs an example as people would, on a free port, in an empty folder. */
export async function startExample(app: URL): Promise<RunningExample> {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-example-'))
  const child = spawn(process.execPath, [fileURLToPath(app), '0'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /"port":(\d+)/.exec(line)?.[1]
    if (!port) continue
    child.stdout.resume()
    const stop = async () => {
      child.kill('SIGTERM')
      await exited
      await rm(directory, { recursive: true })
    }
    return { url: `http://127.0.0.1:${port}`, stop }
  }
  throw new Error('The example ended before it listened.')
}
