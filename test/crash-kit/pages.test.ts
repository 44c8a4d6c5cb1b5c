import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pages } from '../../orphans/table.ts'

test('docs/orphans.md and the first screen of the README have the figures of orphans/results.json', () => {
  for (const { file, before, after } of pages())
    assert.equal(before, after, `npm run orphans -- --table writes ${file.pathname.split('/').at(-1)} anew`)
})
