import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface TestServer extends AsyncDisposable {
  url: string
}

const bin = fileURLToPath(import.meta.resolve('../../packages/server/bin/tintype.js'))

/** The ready server as people start it, with its own empty data and a port that was free. */
export async function startServer(env: Record<string, string> = {}): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-server-'))
  const child = spawn(process.execPath, [bin, 'serve'], {
    cwd: directory,
    env: { PORT: '0', TINTYPE_DATA: join(directory, 'data'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let complaints = ''
  child.stderr.on('data', (chunk) => {
    complaints += chunk
  })
  const exited = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGTERM')
    await exited
    await rm(directory, { recursive: true, force: true })
  }

  const lines = createInterface(child.stdout)
  const started = new Promise<string>((resolve) => {
    // Read to the end: a full pipe would stop the server.
    lines.on('line', (line) => {
      if (line.includes('"server.started"')) resolve(JSON.parse(line).url)
    })
  })
  const url = await Promise.race([started, exited.then(() => null)])
  if (url === null) {
    await stop()
    throw new Error(`the server did not start:\n${complaints}`)
  }
  return { url, [Symbol.asyncDispose]: stop }
}
