/**
 * Our packages as if they were on npm, for a command: what the documentation says then works to the letter.
 *
 *     npm run pack && node scripts/registry.ts bash      # and in it: npx @tintype/server init
 *
 * It has the tarballs of dist/, and leads to npm for all others. npm caches what it is told by name and version: a cache of its own
 * goes with the command.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { packages } from './packages.ts'

const dist = fileURLToPath(new URL('../dist/', import.meta.url))
const upstream = process.env.npm_config_registry ?? 'https://registry.npmjs.org/'

export interface Registry extends AsyncDisposable {
  /** What makes npm ask it. */
  env: { npm_config_registry: string; npm_config_cache: string }
}

export async function startRegistry(): Promise<Registry> {
  const documents = new Map<string, object>()
  const tarballs = new Map<string, Buffer>()
  const server = createServer((req, res) => {
    const path = decodeURIComponent(req.url ?? '/').slice(1)
    const tarball = tarballs.get(path)
    const document = documents.get(path)
    if (tarball) res.end(tarball)
    else if (document) res.setHeader('Content-Type', 'application/json').end(JSON.stringify(document))
    else res.writeHead(307, { Location: new URL(req.url?.slice(1) ?? '', upstream).href }).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  for (const folder of packages) {
    const manifest = JSON.parse(readFileSync(join(dist, folder, 'package.json'), 'utf8'))
    const { name, version } = manifest as { name: string; version: string }
    const file = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`
    const bytes = readFileSync(join(dist, file))
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
    tarballs.set(`${name}/-/${file}`, bytes)
    documents.set(name, {
      name,
      'dist-tags': { latest: version },
      versions: { [version]: { ...manifest, dist: { tarball: `${url}${name}/-/${file}`, integrity } } },
    })
  }
  const cache = mkdtempSync(join(tmpdir(), 'tintype-npm-'))
  return {
    env: { npm_config_registry: url, npm_config_cache: cache },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      rmSync(cache, { recursive: true, force: true })
    },
  }
}

const [, program = '', command, ...args] = process.argv
if (import.meta.url === pathToFileURL(program).href) {
  if (command === undefined) throw new Error('node scripts/registry.ts COMMAND [ARGUMENTS]')
  await using registry = await startRegistry()
  const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...registry.env } })
  const [code] = await once(child, 'exit')
  process.exitCode = code ?? 1
}
