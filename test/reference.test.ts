import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { logEvents } from '../packages/tintype/src/log-events.ts'
import { exampleModules } from '../scripts/reference/examples.ts'
import { referencePage } from '../scripts/reference/page.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const { page, missing } = referencePage()

test('docs/reference.md is what the doc comments say', () => {
  const written = readFileSync(join(root, 'docs/reference.md'), 'utf8')
  assert.ok(written === page, 'The doc comments have changed: run `node scripts/reference-doc.ts`.')
  assert.ok(page.includes('#### MediaApi.claim') && page.includes('| `memory` |'))
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

test('the examples in doc comments, and those of the README, compile', () => {
  const folder = mkdtempSync(join(root, 'node_modules/.examples-'))
  try {
    const files = exampleModules()
    for (const [name, code] of readmeModules()) files.set(name, code)
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

/** The blocks of code in README.md, each as a module. */
function readmeModules(): [string, string][] {
  const blocks = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^```[jt]s\n(.*?)^```/gms)]
  const names = `declare function userIdOf(req: unknown): string | null
declare const file: File
declare function draw(share: number): void
`
  return blocks.map(([, code = ''], index) => [`readme-${index}`, `${code}\n${names}\nexport {}\n`])
}
