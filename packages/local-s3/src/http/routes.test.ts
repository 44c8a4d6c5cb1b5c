import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { operationNames } from './routes.ts'

test('the README tells of each operation that is served, and of no other', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  const [, served = ''] = /### Served\n(.*?)###/s.exec(readme) ?? []
  const told = [...served.matchAll(/^\| ([A-Z]\w+) \|/gm)].map(([, name]) => name)
  assert.deepEqual(told.toSorted(), [...operationNames, 'PostObject'].toSorted())
})
