// Makes what goes to npm: one tarball per package in dist/, JavaScript with types. npm run pack
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packages } from './packages.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const out = join(root, 'dist')

rmSync(out, { recursive: true, force: true })
run('tsc', '-p', 'scripts/tsconfig.pack.json')
run('npm', 'run', 'build', '--silent', '-w', '@tintype/gallery')
for (const name of packages) pack(name)

function pack(name: string): void {
  const from = join(root, 'packages', name)
  const to = join(out, name)
  mkdirSync(to, { recursive: true })
  if (name === 'gallery') cpSync(join(from, 'dist'), join(to, 'dist'), { recursive: true })
  else cpSync(join(out, 'build/packages', name, 'src'), join(to, 'dist'), { recursive: true })
  for (const asset of globSync('src/**/*.css', { cwd: from })) {
    if (name !== 'gallery') cpSync(join(from, asset), join(to, asset.replace(/^src/, 'dist')))
  }
  for (const bin of globSync('bin/*.js', { cwd: from })) write(join(to, bin), compiled(read(join(from, bin))))
  for (const text of ['README.md', '../../LICENSE']) {
    const [file] = globSync(text, { cwd: from })
    if (file) cpSync(join(from, file), join(to, file.replace(/.*\//, '')))
  }
  const { devDependencies, scripts, ...own } = JSON.parse(read(join(from, 'package.json')))
  const manifest = { ...own, ...whereItIs(name) }
  // The gallery is built, and has its exports so already.
  const text = JSON.stringify(manifest, null, 2)
  write(join(to, 'package.json'), name === 'gallery' ? text : compiled(text))
  execFileSync('npm', ['pack', '--silent', '--pack-destination', out], { cwd: to, stdio: 'inherit' })
}

/** What npm shows beside a package, where the root's package.json says where the sources are. */
function whereItIs(name: string): object {
  const { repository, homepage, bugs } = JSON.parse(read(join(root, 'package.json')))
  if (repository === undefined) return {}
  const { url = repository } = repository
  return { repository: { type: 'git', url, directory: `packages/${name}` }, homepage, bugs }
}

/** `../src/commands/main.ts` becomes `../dist/commands/main.js`. */
function compiled(text: string): string {
  return text.replace(/(\.\.?)\/src\/([\w/*-]+)\.ts/g, '$1/dist/$2.js')
}

function read(path: string): string {
  return readFileSync(path, 'utf8')
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text, { mode: path.includes('/bin/') ? 0o755 : 0o644 })
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { cwd: root, stdio: 'inherit' })
}
