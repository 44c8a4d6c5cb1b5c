import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { exampleModules } from '../scripts/reference/examples.ts'

const root = fileURLToPath(new URL('../', import.meta.url))

// Those of the guides and READMEs are compiled by `npm run typecheck`: scripts/docs-blocks.ts.
test('the examples in doc comments compile', () => {
  const folder = mkdtempSync(join(root, 'node_modules/.examples-'))
  try {
    const files = exampleModules()
    for (const [name, code] of files) writeFileSync(join(folder, `${name}.ts`), code)
    const compilerOptions = {
      noUnusedLocals: false,
      noUnusedParameters: false,
      allowJs: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    }
    const config = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions,
      include: [`${folder}/*`],
      exclude: [],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const { stdout, status } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], {
      encoding: 'utf8',
    })
    assert.equal(status, 0, stdout)
    assert.ok(files.size > 10, `${files.size} examples`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
