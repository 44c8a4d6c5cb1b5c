import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from '../scripts/docs-blocks/compile.ts'
import { exampleModules } from '../scripts/reference/examples.ts'

// Those of the guides and READMEs are compiled by `npm run typecheck`: scripts/docs-blocks.ts.
test('the examples in doc comments compile', () => {
  const files = exampleModules()
  const { stdout, status } = compile(
    [...files].map(([name, code]) => [`${name}.ts`, code] as const),
    { types: ['node'], allowJs: true },
  )
  assert.equal(status, 0, stdout)
  assert.ok(files.size > 10, `${files.size} examples`)
})
