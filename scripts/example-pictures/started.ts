import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { install } from '../../.ci/installed/folder.ts'
import { clamd as daemonPath, startClamd, startStub } from '../../examples/clamd/daemons.ts'
import { type App, startExample } from '../../examples/support.ts'
import { startServer } from '../../test/support/server.ts'
import { until } from '../../test/support/until.ts'
import { install as installUploaders, servePages } from '../../test/uploaders/pages.ts'

export interface Started {
  /** Of the page. */
  url: string
  stop(): Promise<unknown>
}

/** In this process. */
export const app = (load: () => Promise<App>) => (): Promise<Started> => startExample(load)

/** With clamd where it is installed, and else with the stub of its test. */
export async function clamd(): Promise<Started> {
  const daemon = await (existsSync(daemonPath) ? startClamd() : startStub())
  process.env.CLAMD = daemon.address
  const example = await startExample(() => import('../../examples/clamd/app.ts'))
  return { url: example.url, stop: () => Promise.all([example.stop(), daemon.stop()]) }
}

/** Next itself, with the packed packages (`npm run pack`), in a folder of its own. */
export async function next(): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), 'tintype-next-'))
  const example = fileURLToPath(new URL('../../examples/next', import.meta.url))
  for (const file of ['app', 'lib', 'next.config.ts', 'package.json'])
    cpSync(join(example, file), join(folder, file), { recursive: true })
  const own = ['tintype', '@tintype/local-s3', '@tintype/protocol']
  const others = ['next@16.4.6', 'react@19', 'react-dom@19', 'typescript@5.9.3', '@types/react@19']
  install(folder, ...own, ...others, '@types/node@24')
  const port = await freePort()
  const child = spawn(
    process.execPath,
    [join(folder, 'node_modules/.bin/next'), 'dev', '-p', `${port}`, '-H', '127.0.0.1'],
    { cwd: folder, stdio: 'inherit', env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' } },
  )
  const url = `http://127.0.0.1:${port}`
  await until(async () => (await fetch(url).catch(() => undefined))?.ok, Boolean, {
    seconds: 120,
    every: 500,
  })
  return {
    url,
    async stop() {
      child.kill()
      await once(child, 'exit')
      await rm(folder, { recursive: true })
    },
  }
}

/** FilePond, on another origin than the ready server. */
export async function uploaders(): Promise<Started> {
  installUploaders()
  const pages = await servePages()
  const server = await startServer({ ORIGINS: pages.url })
  await pages.build(server.local)
  return {
    url: `${pages.url}/filepond/`,
    stop: async () => {
      pages.stop()
      await server.stop()
    },
  }
}

/** What the command prints, as a terminal shows it. */
export async function crashKit(): Promise<Started> {
  const folder = fileURLToPath(new URL('../../examples/crash-kit', import.meta.url))
  const command = 'node try.ts fails.ts'
  // It exits with 1, since something is wrong.
  const { stdout } = spawnSync(process.execPath, command.split(' ').slice(1), {
    cwd: folder,
    encoding: 'utf8',
  })
  const page = `<!doctype html><style>body { margin: 1.5rem; background: #1a1c20; color: #d9dbe0 }
    h1, pre { font: 13px/1.5 ui-monospace, monospace; margin: 0; white-space: pre-wrap }</style>
    <h1>$ ${command}</h1><pre>${stdout
      .replace(/\n\n\S[^\n]*for example:.*/s, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')}</pre>`
  return { url: `data:text/html;charset=utf-8,${encodeURIComponent(page)}`, stop: async () => {} }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
