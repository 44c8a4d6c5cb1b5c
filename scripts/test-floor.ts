// Runs the tests of what an app installs on the oldest Node that `engines` names, compiled as they are published: an
// old Node can't run the sources. npm run test:floor, or with another version: npm run test:floor -- 22.15
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeFloor } from '../packages/tintype/src/node-floor.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const out = join(root, 'dist/floor')
const version = process.argv[2] ?? nodeFloor

const tests = [
  'packages/{protocol,tintype,local-s3,server}/src/**/!(*.long).test.js',
  'test/http/!(*.long).test.js',
  'test/http/{installed,multer,private-files,rates,videos}.long.test.js',
]

rmSync(out, { recursive: true, force: true })
execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'scripts/tsconfig.floor.json'], {
  cwd: root,
  stdio: 'inherit',
})
for (const file of globSync('**/*.js', { cwd: out })) write(file, renamed(read(join(out, file))))
copyTheRest()
linkModules()

const result = spawnSync(node(), ['scripts/test.js', '--test-concurrency=4', ...tests], {
  cwd: out,
  stdio: 'inherit',
})
process.exitCode = result.status ?? 1

/** Imports are compiled; what else names a source by its path is not. */
function renamed(code: string): string {
  return code.replace(/\.ts(['"`])/g, '.js$1')
}

/** Styles, test data, commands, and the manifests, which lead to what is compiled. */
function copyTheRest(): void {
  const assets = [
    'packages/*/{src,bin}/**/*.{css,js,json}',
    'packages/gallery/dist/**/*',
    'packages/*/*.{json,md}',
  ]
  const files = globSync([...assets, 'test/**/*', 'docs/**/*.md'], {
    cwd: root,
    exclude: (name) => name.includes('node_modules') || name.endsWith('.ts'),
  })
  for (const file of files) {
    if (/\/(package\.json|bin\/.*)$/.test(file)) write(file, renamed(read(join(root, file))))
    else if (statSync(join(root, file)).isFile()) cpSync(join(root, file), join(out, file))
  }
  write('package.json', read(join(root, 'package.json')))
}

/** Everything that is installed, but for our own packages: they are the compiled ones. */
function linkModules(): void {
  const modules = join(out, 'node_modules')
  for (const name of globSync(['*', '@*/*'], { cwd: join(root, 'node_modules') })) {
    if (/^@[^/]+$|^tintype$|^@tintype\//.test(name)) continue
    link(join(root, 'node_modules', name), join(modules, name))
  }
  for (const name of readdirSync(join(out, 'packages'))) {
    link(join(out, 'packages', name), join(modules, name === 'tintype' ? name : `@tintype/${name}`))
  }
}

function node(): string {
  const folder = join(root, 'dist/node', version)
  mkdirSync(folder, { recursive: true })
  write(join('../node', version, 'package.json'), '{"allowScripts":{"node":true}}')
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  execFileSync('npm', ['install', ...quiet, `node@${version}`], { cwd: folder, stdio: 'inherit' })
  return join(folder, 'node_modules/node/bin/node')
}
function link(to: string, from: string): void {
  mkdirSync(dirname(from), { recursive: true })
  symlinkSync(to, from, 'junction')
}
function read(path: string): string {
  return readFileSync(path, 'utf8')
}
function write(file: string, text: string): void {
  mkdirSync(dirname(join(out, file)), { recursive: true })
  writeFileSync(join(out, file), text)
}
