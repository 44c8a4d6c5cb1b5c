import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { exampleModules } from '../scripts/reference/examples.ts'

const root = fileURLToPath(new URL('../', import.meta.url))

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
