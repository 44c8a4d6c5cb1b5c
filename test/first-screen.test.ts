import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'

const root = new URL('../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const [screen = ''] = read('README.md').split('\n## ')

describe('the first screen of the README', () => {
  test('is a sentence, a picture, ten lines of code, two figures, and where to go on', () => {
    const [title, sentence, picture, code, figures, further] = screen.split(/\n\n(?!const tintype)/)
    assert.equal(title, '# Tintype')
    assert.equal(sentence?.match(/\.(\s|$)/g)?.length, 1)
    const [, file = ''] = /^!\[[^\]]{20,}\]\((\S+)\)$/.exec(picture ?? '') ?? []
    assert.ok(existsSync(new URL(file, root)), file)
    const [, lines = ''] = /^```js\n(.*)\n```$/s.exec(code ?? '') ?? []
    assert.equal(lines.split('\n').length, 10)
    assert.equal(figures?.match(/^- \*\*/gm)?.length, 2)
    assert.ok((further?.match(/\]\(/g)?.length ?? 0) >= 4)
  })

  test('its figures are those of the pages that they lead to, and their commands are there', () => {
    const [, lost, kills] = /\*\*(\d+)\*\* photos lost.*?\*\*(\d+)\*\* kills/.exec(screen) ?? []
    const reliability = read('docs/reliability.md')
    const row = (name: string) =>
      new RegExp(`^\\| ${name} +\\| \\**([\\d,]+)\\** `, 'm').exec(reliability)?.[1]
    assert.deepEqual([row('kills'), row('\\*\\*violations\\*\\*')], [kills, lost])
    const [, share] = /\*\*([\d.]+)\*\* of the CPU of Multer/.exec(screen) ?? []
    const [, measured] =
      /Node door, CPU of Multer memory \+ PutObject: [^*]*\*\*([\d.]+)\*\*/.exec(
        read('docs/performance.md'),
      ) ?? []
    assert.equal(share, measured)
    const [, left, of] =
      /Multer, `PutObject` and a row leave (\d+) things wrong in (\d+) kills/.exec(screen) ?? []
    const orphans = read('docs/orphans.md')
    const [, wrong] = /^\| Multer in memory, PutObject, a row \| \*\*(\d+)\*\*/m.exec(orphans) ?? []
    const [, per] = /Figures are per (\d+) kills/.exec(orphans) ?? []
    assert.deepEqual([left, of], [wrong, per])
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    for (const [, command = ''] of screen.matchAll(/`npm run (\w+)/g)) assert.ok(scripts[command], command)
  })

  test('leads to sections that are there', () => {
    const titles = [...read('README.md').matchAll(/^## (.+)$/gm)].map(([, title = '']) =>
      title.toLowerCase().replaceAll(' ', '-'),
    )
    const named = [...screen.matchAll(/\]\(#([^)]+)\)/g)].map(([, name = '']) => name)
    assert.ok(named.length >= 2)
    assert.deepEqual(
      named.filter((name) => !titles.includes(name)),
      [],
    )
  })

  test('names the frameworks that examples are run of', () => {
    for (const name of ['express', 'fastify', 'hono', 'next']) {
      assert.ok(existsSync(new URL(`examples/${name}`, root)) && screen.toLowerCase().includes(name), name)
    }
  })
})

test('the changelog has a short entry for each thing, once', () => {
  const [, news = ''] = read('CHANGELOG.md').split('### What is new\n')
  const entries = news.split(/\n+(?=- |#)/).filter((entry) => entry.startsWith('- '))
  assert.deepEqual(
    entries.filter((entry) => entry.length > 400),
    [],
    '- What it is. [page.md](docs/page.md)',
  )
  const beginnings = entries.map((entry) => entry.slice(0, 60))
  assert.deepEqual(
    beginnings.filter((one, at) => beginnings.indexOf(one) !== at),
    [],
  )
  assert.ok(entries.length > 30)
})

test('AGENTS.md names files, folders and commands that are there', () => {
  const page = read('AGENTS.md')
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  for (const [, command = ''] of page.matchAll(/\bnpm run (\w+)/g)) assert.ok(scripts[command], command)
  const files = [...page.matchAll(/\b((?:packages|scripts|test|docs)\/[\w./-]*\w)/g)].map(
    ([, file]) => file as string,
  )
  assert.deepEqual(
    files.filter((file) => !existsSync(new URL(file, root))),
    [],
  )
  assert.ok(files.length > 12 && page.split('\n').length < 60)
})
