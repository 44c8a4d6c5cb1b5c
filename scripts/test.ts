// `node --test` as all our commands run it: node scripts/test.ts [OPTIONS] FILES. Compiled code is kept from one process
// to the next; nothing waits for ever; and what was skipped is told at the end with the reasons, see skipped-tests.ts.
//
// Test files share a process, a dozen at a time in the order of their paths: to load the product takes a process a
// second, which is more than the tests of most files take. A file has a process of its own if its name ends in
// `.long.test.ts`, or if a line of it begins with `// In a process of its own: ` and says why.
import { spawn } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const filesOfAProcess = 12

const root = fileURLToPath(new URL('..', import.meta.url))
// Node looks for tests in no folder named node_modules.
const folder = `dist/tests/${process.pid}`
const isOption = (argument: string) => argument.startsWith('-')
const options = process.argv.slice(2).filter(isOption)
const patterns = process.argv.slice(2).filter((argument) => !isOption(argument))
const files = globSync(patterns, { cwd: root }).sort()
if (files.length === 0) throw new Error(`There is no file ${patterns.join(' ')}.`)

const args = [
  ...['--test', '--test-timeout=900000'],
  ...['--test-reporter=./scripts/skipped-tests.ts', '--test-reporter-destination=stdout'],
  ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
  // A later --test-timeout is the one that counts.
  ...options,
  ...files.filter(isAlone),
  ...shared(files.filter((file) => !isAlone(file))),
]
const env = { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node'), ...process.env }
const tests = spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' })
tests.once('exit', (code) => {
  rmSync(join(root, folder), { recursive: true, force: true })
  process.exitCode = code ?? 1
})

function isAlone(file: string): boolean {
  if (/\.long\.test\.\w+$/.test(file)) return true
  return /^\/\/ In a process of its own: /m.test(readFileSync(join(root, file), 'utf8'))
}

/** Writes files that import these. */
function shared(files: string[]): string[] {
  mkdirSync(join(root, folder), { recursive: true })
  const names: string[] = []
  for (let first = 0; first < files.length; first += filesOfAProcess) {
    const imports = files
      .slice(first, first + filesOfAProcess)
      .map((file) => `import '${pathToFileURL(join(root, file))}'\n`)
    const name = `${folder}/${String(names.length).padStart(3, '0')}.mjs`
    writeFileSync(join(root, name), imports.join(''))
    names.push(name)
  }
  return names
}
