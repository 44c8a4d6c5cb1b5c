// What `npm install tintype` brings to an empty folder: packages, files, megabytes; beside what one would take instead, of which it
// may not bring more packages. npm run pack && node scripts/install-size.ts
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  globSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Size {
  packages: number
  files: number
  megabytes: number
}

/** What one would take instead, without a form's checks, a record, or a deletion that happens. */
const instead = ['multer', '@aws-sdk/client-s3', '@aws-sdk/s3-request-presigner', 'sharp']

const dist = process.argv[2] ?? fileURLToPath(new URL('../dist', import.meta.url))

const ours = measure('tintype', '@tintype/protocol')
const theirs = measure(...instead)
console.log(inWords('tintype', ours))
console.log(
  inWords('tintype and @tintype/local-s3', measure('tintype', '@tintype/protocol', '@tintype/local-s3')),
)
console.log(inWords(instead.join(' '), theirs))
if (ours.packages > theirs.packages) process.exitCode = 1

function measure(...names: string[]): Size {
  const folder = mkdtempSync(join(tmpdir(), 'install-size-'))
  try {
    writeFileSync(join(folder, 'package.json'), '{}')
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
    execFileSync('npm', ['install', ...quiet, ...names.map(tarball)], { cwd: folder })
    const lock = JSON.parse(readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8'))
    const installed = Object.keys(lock.packages).filter((path) => existsSync(join(folder, path)))
    const sizes = filesBelow(join(folder, 'node_modules'))
    const bytes = sizes.reduce((sum, size) => sum + size, 0)
    return { packages: installed.length, files: sizes.length, megabytes: bytes / 1e6 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Ours from its tarball, others from npm. */
function tarball(name: string): string {
  if (instead.includes(name)) return name
  const [file] = globSync(`${name.replace('@', '').replace('/', '-')}-[0-9]*.tgz`, { cwd: dist })
  if (!file) throw new Error(`${dist} has no tarball of ${name}: npm run pack`)
  return join(dist, file)
}

/** The size in bytes of each file. */
function filesBelow(folder: string): number[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesBelow(path)
    return entry.isFile() ? [lstatSync(path).size] : []
  })
}

function inWords(what: string, { packages, files, megabytes }: Size): string {
  return `${what}: ${packages} packages, ${files} files, ${megabytes.toFixed(1)} MB`
}
