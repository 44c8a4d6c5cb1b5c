import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { logEvents } from '../packages/tintype/src/log-events.ts'
import { referencePage } from '../scripts/reference/page.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const { page, missing } = referencePage()

test('docs/reference.md is what the doc comments say', () => {
  const written = readFileSync(join(root, 'docs/reference.md'), 'utf8')
  assert.ok(written === page, 'The doc comments have changed: run `node scripts/reference-doc.ts`.')
  assert.ok(page.includes('#### MediaClaims.claim') && page.includes('| `memory` |'))
})

test('every public function, option and method has a doc comment', () => {
  assert.deepEqual(missing, [])
})

test('the table of log events has every event that is logged, and no other', () => {
  const files = globSync('packages/{tintype,server}/src/**/*.ts', { cwd: root }).filter(
    (file) => !/\.test\.ts$|log-events\.ts$|crash-points\.ts$/.test(file),
  )
  const code = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n')
  const unused = Object.keys(logEvents).filter((event) => !code.includes(`'${event}'`))
  assert.deepEqual(unused, [])
  // That no other is logged is the compiler's to say: `Log` takes these alone.
})
