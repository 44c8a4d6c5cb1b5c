// Compiles every block of TypeScript and JavaScript in the documentation, and every example of a doc comment:
//   node scripts/docs-blocks.ts
import { readFileSync } from 'node:fs'
import { blocksOf, isCode, moduleOf, pages } from './docs-blocks/blocks.ts'
import { compile } from './docs-blocks/compile.ts'
import { exampleModules } from './reference/examples.ts'

const blocks = pages()
  .flatMap((page) => blocksOf(page))
  .filter(isCode)
const modules = blocks
  .filter(({ exempt }) => exempt === undefined)
  .map((block) => ({ block, ...moduleOf(block) }))
const examples = [...exampleModules()].map(([name, code]) => [`doc-comment-${name}.ts`, code] as const)
const prelude = readFileSync(new URL('./docs-blocks/prelude.d.ts', import.meta.url), 'utf8')
const { stdout, status } = compile(
  [['prelude.d.ts', prelude], ...modules.map(({ name, code }) => [name, code] as const), ...examples],
  { jsx: 'react-jsx', types: ['node', 'react'], allowJs: true },
)
// Lines have the numbers that they have in the page.
const pageOf = new Map(modules.map(({ name, block }) => [name, block.page]))
console.log(
  stdout
    .trim()
    .replace(/^(?:.*\/)?([^/(]+)\((\d+),\d+\)/gm, (whole: string, name: string, line: string) =>
      pageOf.has(name) ? `${pageOf.get(name)}:${line}` : whole,
    ),
)
process.exitCode = status ?? 1
