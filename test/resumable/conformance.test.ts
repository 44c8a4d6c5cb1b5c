import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

test("the tables of what other servers' tests ask for name tests that are there", () => {
  const page = readFileSync(path('../../docs/protocols.md'), 'utf8')
  const [, section = ''] = /\n## What other servers' tests ask for\n(.*?)\n## /s.exec(page) ?? []
  const rows = section.split('\n').filter((line) => /^\| (?!asked for)/.test(line))
  const sources = globSync(['*.ts', '../uploaders/*.ts'], { cwd: path('.') })
    .map((file) => readFileSync(path(`./${file}`), 'utf8'))
    .join('\n')
  const missing = rows
    .map((row) => row.split('|').at(-2)?.trim() ?? '')
    .filter((name) => !["'", '"', '`', '}'].some((before) => sources.includes(before + name)))
  assert.deepEqual(missing, [])
  assert.ok(rows.length > 60, `${rows.length} rows`)
})
