import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type Block, blocksOf, isCode, moduleOf, pages, root } from '../scripts/docs-blocks/blocks.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const blocks = pages().flatMap((page) => blocksOf(page))
const where = ({ page, line }: Block) => `${page}:${line}`

// `npm run typecheck` compiles them: scripts/docs-blocks.ts.
describe('code in the documentation', () => {
  test('is compiled, or run by a test that reads its page, or said to be the code of others', () => {
    const code = blocks.filter(isCode)
    assert.ok(code.length > 90, `${code.length} blocks`)
    for (const block of code) {
      const [, path] = /^run by (\S+)$/.exec(block.exempt ?? '') ?? []
      if (path) assert.ok(read(path).includes(block.page), `${where(block)}: ${path} does not read it`)
      else if (block.exempt) assert.match(block.exempt, /^not ours: ./, where(block))
    }
    const others = code.filter(({ exempt }) => exempt?.startsWith('not ours'))
    assert.ok(others.length <= 8, others.map(where).join(', '))
    assert.match(JSON.parse(read('package.json')).scripts.typecheck, /node scripts\/docs-blocks\.ts/)
  })

  test('each line of it has the number of the page in what the compiler says', () => {
    const text =
      'Text\n\n<!-- given: declare const a: number -->\n```ts\nimport b from "b"\n\nconst a = b\n```\n'
    const [block] = blocksOf('docs/page.md', text)
    const { name, code } = moduleOf(block as Block)
    assert.equal(name, 'docs.page.4.ts')
    const lines = code.split('\n')
    assert.match(lines[3] ?? '', /declare const a: number/)
    assert.deepEqual(lines.slice(4, 8), ['import b from "b" ;{', '', 'const a = b', '}'])
  })
})

describe('commands in the documentation', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const help = new Map(
    read('docs/commands.md')
      .split(/^## tintype /m)
      .slice(1)
      .map((section) => [section.split('\n', 1)[0] ?? '', section]),
  )
  const lines = blocks
    .filter(({ language }) => language === 'sh')
    .flatMap((block) => block.lines.map((line) => [where(block), line.replace(/(^| )#.*$/, '')] as const))

  test('of npm are in package.json', () => {
    const wrong = lines.flatMap(([at, line]) =>
      [...line.matchAll(/\bnpm run (?:-s |--silent )?([\w:]+)/g)]
        .filter(([, name = '']) => !scripts[name])
        .map(([command]) => `${at}: ${command}`),
    )
    assert.deepEqual(wrong, [])
  })

  test('of tintype are there, with their options', () => {
    let seen = 0
    const wrong = lines.flatMap(([at, line]) =>
      [...line.matchAll(/(?:npx @tintype\/server|npx tintype|^tintype|&& tintype) +(\S+)([^|&;]*)/g)].flatMap(
        ([, name = '', rest = '']) => {
          seen++
          const text = help.get(name)
          if (text === undefined) return [`${at}: there is no command ${name}`]
          return [...rest.matchAll(/(?<= )--[a-z-]+/g)]
            .filter(([option]) => !text.includes(option))
            .map(([option]) => `${at}: tintype ${name} has no ${option}`)
        },
      ),
    )
    assert.deepEqual(wrong, [])
    assert.ok(seen > 30, `${seen} commands`)
  })

  test('of node run files that are there', () => {
    const wrong = lines.flatMap(([at, line]) =>
      [...line.matchAll(/\bnode ((?:examples|scripts|bench|test)\/[\w./-]+)/g)]
        .filter(([, file = '']) => !existsSync(join(root, file)))
        .map(([command]) => `${at}: ${command}`),
    )
    assert.deepEqual(wrong, [])
  })
})
