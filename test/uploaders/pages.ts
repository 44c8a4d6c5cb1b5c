import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

export const folder = fileURLToPath(new URL('../../examples/uploaders', import.meta.url))

/** Installs the uploaders in their own folder, if they are not there as its lock file says. */
export function install(): void {
  const hash = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')
  const mark = join(folder, 'node_modules/.installed-lock')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === hash) return
  console.log('Installing the uploaders of examples/uploaders ...')
  execFileSync('npm', ['ci', '--no-workspaces', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
  })
  writeFileSync(mark, hash)
}

export interface Pages {
  /** Another origin than the API's. */
  url: string
  stop(): void
}

/** Serves the pages of the example as they stand. @param api origin of the server, once it is known */
export async function servePages(): Promise<Pages & { build(api: string): Promise<void> }> {
  const files = new Map<string, { type: string; body: string | Uint8Array }>()
  const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
  const server = createServer((req, res) => {
    const path = (req.url ?? '/').replace(/\/$/, '/index.html').slice(1)
    const found = files.get(path)
    res.writeHead(found ? 200 : 404, { 'Content-Type': found?.type ?? 'text/plain' }).end(found?.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async build(api) {
      const pages = globSync('*/index.html', { cwd: folder })
      const built = await build({
        root: folder,
        configFile: join(folder, 'vite.config.js'),
        define: { __API__: JSON.stringify(`${api}/api`) },
        logLevel: 'error',
        build: {
          write: false,
          rolldownOptions: {
            input: Object.fromEntries(pages.map((one) => [basename(dirname(one)), join(folder, one)])),
          },
        },
      })
      for (const one of [built].flat())
        for (const file of 'output' in one ? one.output : [])
          files.set(file.fileName, {
            type: types[extname(file.fileName)] ?? 'application/octet-stream',
            body: file.type === 'chunk' ? file.code : file.source,
          })
    },
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
