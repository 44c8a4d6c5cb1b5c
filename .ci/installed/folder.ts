import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export function inEmptyFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'tintype-installed-'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const result = use(folder)
  if (result instanceof Promise) return result.finally(remove) as T
  remove()
  return result
}

/** Installs: our own packages from their tarballs, others from npm. */
export function install(folder: string, ...names: string[]): void {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  run(folder, 'npm', 'install', ...quiet, ...names.map((name) => tarball(name) ?? name))
}

export function tarball(name: string): string | undefined {
  const own = name === 'tintype' || name.startsWith('@tintype/')
  const pattern = `${name.replace('@', '').replace('/', '-')}-[0-9]*.tgz`
  const [file] = own ? globSync(pattern, { cwd: join(root, 'dist') }) : []
  assert.ok(!own || file, `no tarball of ${name}: npm run pack`)
  return file && join(root, 'dist', file)
}

export function run(cwd: string, command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}
