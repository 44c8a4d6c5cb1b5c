// Compiles every block of TypeScript and JavaScript in the documentation: node scripts/docs-blocks.ts
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { blocksOf, isCode, moduleOf, pages, root } from './docs-blocks/blocks.ts'

const blocks = pages()
  .flatMap((page) => blocksOf(page))
  .filter(isCode)
const modules = blocks
  .filter(({ exempt }) => exempt === undefined)
  .map((block) => ({ block, ...moduleOf(block) }))
const folder = mkdtempSync(join(root, 'node_modules/.docs-'))
try {
  for (const { name, code } of modules) writeFileSync(join(folder, name), code)
  cpSync(join(root, 'scripts/docs-blocks/prelude.d.ts'), join(folder, 'prelude.d.ts'))
  const compilerOptions = {
    noUnusedLocals: false,
    noUnusedParameters: false,
    jsx: 'react-jsx',
    types: ['node', 'react'],
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
  // Lines have the numbers that they have in the page.
  for (const { name, block } of modules) {
    for (const [, line, rest] of stdout.matchAll(
      new RegExp(`^.*/?${name.replaceAll('.', '\\.')}\\((\\d+),\\d+\\)(.*)$`, 'gm'),
    )) {
      console.log(`${block.page}:${line}${rest}`)
    }
  }
  if (status !== 0 && !/docs\.|README|packages/.test(stdout)) console.log(stdout)
  process.exitCode = status ?? 1
} finally {
  rmSync(folder, { recursive: true })
}
