import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { commandsPage } from '../scripts/commands-page.ts'
import { configurationPage } from '../scripts/configuration-page.ts'
import { docsIndex } from '../scripts/docs-index-page.ts'
import { errorsPage } from '../scripts/errors-page.ts'
import { httpPage } from '../scripts/http-page.ts'
import { below, navigation } from '../site/navigation.ts'

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

test('docs/errors.md is what the error table says', () => {
  assert.equal(read('docs/errors.md'), errorsPage())
})

test('docs/configuration.md has every option and variable, as the tables of options say', () => {
  const page = read('docs/configuration.md')
  assert.equal(page, configurationPage(page), 'node scripts/configuration-doc.ts writes it anew')
  const named = [...read('packages/server/src/config.ts').matchAll(/'([A-Z][A-Z0-9]*_[A-Z0-9_]+)'/g)]
  for (const [, name = ''] of named) assert.ok(page.includes(`\`${name}\``), name)
})

test('docs/database.md names every table', () => {
  const page = read('docs/database.md')
  const [, tables = ''] =
    /interface Ledger \{\n(.*?)\n\}/s.exec(read('packages/tintype/src/records/schema.ts')) ?? []
  const names = [...tables.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => `\`tintype_${name}\``)
  assert.ok(names.length > 10)
  assert.deepEqual(
    names.filter((name) => !page.includes(name)),
    [],
  )
})

test('docs/http.md is what the OpenAPI document says', () => {
  assert.ok(read('docs/http.md') === httpPage(), 'node scripts/http-doc.ts writes it anew')
})

test('docs/commands.md is what the commands say with --help', async () => {
  assert.equal(read('docs/commands.md'), await commandsPage(), 'node scripts/commands-doc.ts writes it anew')
})

test('every page of docs/ is in the menu of the site, once, and docs/README.md is that menu', () => {
  const pages = globSync('**/*.md', { cwd: new URL('../docs', import.meta.url) })
  const listed = [...navigation.flatMap((section) => section.pages), ...Object.values(below).flat()].map(
    ({ file }) => file,
  )
  assert.deepEqual(
    listed.toSorted(),
    pages.filter((page) => page !== 'README.md').sort(),
    'site/navigation.ts',
  )
  assert.equal(read('docs/README.md'), docsIndex(), 'node scripts/docs-index.ts writes it anew')
})

test('every command that runs our code installs first what a fresh clone lacks', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const commands = Object.entries(scripts).filter(([name, command]) => {
    return !name.startsWith('pre') && /^(\w+=\w+ )?(node|tintype) /.test(command)
  })
  assert.ok(commands.length >= 7)
  for (const [name] of commands) assert.equal(scripts[`pre${name}`], 'node scripts/setup.mjs', name)
})

test('every link of the documentation leads somewhere', () => {
  const root = new URL('../', import.meta.url)
  const pages = globSync('{*.md,docs/**/*.md,decisions/*.md,packages/*/*.md,examples/**/*.md}', {
    cwd: root,
    exclude: ['**/node_modules/**'],
  })
  const broken = pages.flatMap((page) => {
    const from = new URL(page, root)
    const links = [...readFileSync(from, 'utf8').matchAll(/\]\(([^)\s#]+)(#[^)]*)?\)/g)].map(
      ([, link]) => link as string,
    )
    return links
      .filter((link) => !/^[a-z]+:/.test(link) && !existsSync(new URL(link, from)))
      .map((link) => `${page}: ${link}`)
  })
  assert.deepEqual(broken, [])
  assert.ok(pages.length > 20)
})

test('decisions/README.md lists every decision once', () => {
  const notes = globSync('*.md', { cwd: new URL('../decisions', import.meta.url) })
    .filter((name) => name !== 'README.md')
    .sort()
  const listed = [...read('decisions/README.md').matchAll(/^- \[(\d+)\]\(([^)]+)\) /gm)]
  assert.deepEqual(listed.map(([, , name]) => name).sort(), notes)
  for (const [, number, name = ''] of listed) assert.equal(Number(number), Number(name.slice(0, 4)))
  assert.equal(new Set(listed.map(([, number]) => number)).size, notes.length)
})
