// Compiles every block of TypeScript and JavaScript in the documentation: node scripts/docs-blocks.ts
import { readFileSync } from 'node:fs'
import { blocksOf, isCode, moduleOf, pages } from './docs-blocks/blocks.ts'
import { compile } from './docs-blocks/compile.ts'

const blocks = pages()
  .flatMap((page) => blocksOf(page))
  .filter(isCode)
const modules = blocks
  .filter(({ exempt }) => exempt === undefined)
  .map((block) => ({ block, ...moduleOf(block) }))
const prelude = readFileSync(new URL('./docs-blocks/prelude.d.ts', import.meta.url), 'utf8')
const { stdout, status } = compile(
  [['prelude.d.ts', prelude], ...modules.map(({ name, code }) => [name, code] as const)],
  { jsx: 'react-jsx', types: ['node', 'react'] },
)
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
