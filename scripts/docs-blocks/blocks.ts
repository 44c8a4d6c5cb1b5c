import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** A block of code in a page of the documentation. */
export interface Block {
  /** From the root of the repository. */
  page: string
  /** Of the line ```ts. */
  line: number
  language: string
  lines: string[]
  /** Names that it uses and does not declare, as TypeScript; in a comment that GitHub and the site do not show. */
  given: string
  /** The test that runs it, or why it is code of others: then it is not compiled. */
  exempt: string | undefined
}

/** docs/reference.md is made of doc comments, whose examples a test of their own compiles. */
const generated = ['docs/reference.md']

/** The pages whose code is looked at. */
export function pages(): string[] {
  return globSync('{README.md,docs/**/*.md,packages/*/README.md,examples/*/README.md}', { cwd: root })
    .filter((page) => !generated.includes(page) && !page.includes('node_modules'))
    .sort()
}

/**
 * The blocks of a page. Comments of their own paragraph say what is known of them:
 * `given:` declares names, for all blocks that follow, `given here:` for the next one; before one block, `run by PATH` names
 * the test that runs it, and `not ours` says that it shows the code of others.
 */
export function blocksOf(page: string, text = readFileSync(join(root, page), 'utf8')): Block[] {
  const blocks: Block[] = []
  let given = ''
  let here = ''
  let exempt: string | undefined
  let comment: string[] | undefined
  let block: Block | undefined
  text.split('\n').forEach((line, index) => {
    if (block) {
      if (/^ *```$/.test(line)) block = undefined
      else block.lines.push(line)
      return
    }
    if (comment === undefined && line.startsWith('<!-- ')) comment = []
    if (comment) {
      comment.push(line)
      if (!line.endsWith('-->')) return
      const said = comment.join(' ').replace(/^<!-- | -->$/g, '')
      if (said.startsWith('given: ')) given += `${said.slice('given: '.length)}; `
      if (said.startsWith('given here: ')) here = `${said.slice('given here: '.length)}; `
      if (/^(run by|not ours)/.test(said)) exempt = said
      comment = undefined
      return
    }
    const [, language] = /^ *```(\w*)$/.exec(line) ?? []
    if (language === undefined) return
    block = { page, line: index + 1, language, lines: [], given: given + here, exempt }
    blocks.push(block)
    here = ''
    exempt = undefined
  })
  return blocks
}

const extensions: Record<string, string> = {
  ts: 'ts',
  js: 'ts',
  typescript: 'ts',
  javascript: 'ts',
  mjs: 'ts',
  tsx: 'tsx',
  jsx: 'tsx',
}

export const isCode = ({ language }: Block) => language in extensions

/**
 * A block as a module, in which each line has the number that it has in the page. Its imports stay at the top; the rest stands
 * in a scope of its own, so that it may declare again what is given.
 */
export function moduleOf(block: Block): { name: string; code: string } {
  const { page, line, language, lines, given } = block
  const end = lines.findLastIndex((one) => /^import .*['"]$|^\} from ['"].*['"]$/.test(one))
  const body = lines.map((one) =>
    one
      .replace(/^export default /, 'void ')
      .replace(/^export (?!\{)/, '')
      .replace(/^export \{.*$/, ''),
  )
  body[end] = end < 0 ? '' : `${body[end]} ;{`
  const head = `export {}; ${given} ${end < 0 ? '{' : ''}`
  const code = [...Array(line - 1).fill(''), head, ...body, '}', ''].join('\n')
  return { name: `${page.replace(/\.md$/, '').replaceAll('/', '.')}.${line}.${extensions[language]}`, code }
}
