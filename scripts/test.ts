// `node --test` as all our commands run it: node scripts/test.ts [OPTIONS] FILES. Compiled code is kept from one process
// to the next, which saves a fifth of the CPU time; nothing waits for ever; and what was skipped is told at the end with
// the reasons, see skipped-tests.ts.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const args = [
  ...['--test', '--test-timeout=300000'],
  ...['--test-reporter=./scripts/skipped-tests.ts', '--test-reporter-destination=stdout'],
  ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
  // A later --test-timeout is the one that counts.
  ...process.argv.slice(2),
]
const env = { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node'), ...process.env }
const tests = spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' })
tests.once('exit', (code) => {
  process.exitCode = code ?? 1
})
