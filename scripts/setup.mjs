// Brings a fresh clone to where it can run: installs what is missing, builds the gallery. Says what it does.
// Plain JavaScript that an old Node can run too: it is what fetches the Node that everything else runs on.
import { execSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

const lockHash = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')
const installed = join(root, 'node_modules/.installed-lock')
if (!existsSync(installed) || readFileSync(installed, 'utf8') !== lockHash) {
  run('Installing dependencies', 'npm ci --no-audit --no-fund --loglevel=error')
  writeFileSync(installed, lockHash)
}
if (
  isOlder('packages/gallery/dist/index.html', ['packages/gallery', 'packages/client', 'packages/protocol'])
) {
  run('Building the gallery', 'npm run build --silent -w @tintype/gallery')
}

function isOlder(target, sources) {
  if (!existsSync(join(root, target))) return true
  const built = statSync(join(root, target)).mtimeMs
  return sources.some((folder) => newest(join(root, folder)) > built)
}

function newest(folder) {
  let time = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'dist' || entry.name === 'node_modules') continue
    const path = join(folder, entry.name)
    time = Math.max(time, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs)
  }
  return time
}

function run(what, command) {
  console.log(`${what} ...`)
  const bin = join(root, 'node_modules/.bin')
  const path = process.platform === 'win32' ? `${bin};${process.env.PATH}` : `${bin}:${process.env.PATH}`
  execSync(command, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: path },
  })
}
