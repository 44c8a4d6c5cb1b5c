import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { say } from './say.ts'

const tintype = fileURLToPath(new URL('../../packages/server/bin/tintype.js', import.meta.url))
/** Servers of the drill: none outlives it. */
const servers = new Set<ChildProcess>()

export function killAll(): void {
  for (const one of servers) one.kill('SIGKILL')
}

export interface Server {
  url: string
  stop(): Promise<void>
}

export async function start(folder: string, env: Record<string, string>): Promise<Server> {
  say('$ tintype serve')
  const child: ChildProcess = spawn(process.execPath, [tintype, 'serve'], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  servers.add(child)
  const ended = once(child, 'exit').finally(() => servers.delete(child))
  const started = Promise.withResolvers<string>()
  void ended.then(([code]) => started.reject(new Error(`The server ended with ${code}.`)))
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    const { event, url } = line.startsWith('{') ? JSON.parse(line) : {}
    if (event === 'server.started') started.resolve(url)
    if (event === 'ledger.put_back') say(line)
  })
  const url = await started.promise
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** @returns what it has printed */
export function run(folder: string, args: string[], env: Record<string, string>): string {
  say(`$ tintype ${args.join(' ')}`)
  const { status, stdout, stderr } = spawnSync(process.execPath, [tintype, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
  })
  say(stdout.trim())
  assert.equal(status, 0, stderr)
  return stdout
}
