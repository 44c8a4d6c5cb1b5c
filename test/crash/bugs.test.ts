import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { repository } from '../support/process.ts'
import { type Bug, bugs } from './bugs.ts'

// The crash tests that plant them take long: a change that moves their text is told here.
for (const [name, mistakes] of Object.entries(bugs) as [string, Bug[]][])
  test(`the mistake ${name} can be planted: its text is there once`, async () => {
    for (const { file, from } of mistakes) {
      const code = await readFile(join(repository, 'packages/tintype/src', file), 'utf8')
      assert.equal(code.split(from).length - 1, 1, `${file}: ${from}`)
    }
  })
