import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { run, tally } from '@tintype/crash-kit'
import { adapterOf } from '../../examples/crash-kit/try.ts'
import { tintypeByForm } from '../../orphans/contestants/tintype.ts'
import { bugs, plant } from '../crash/bugs.ts'

const options = { seed: 5, kills: 16, path: process.env.PATH ?? '' }

describe('the crash kit, which knows nothing of Tintype', { timeout: 1_800_000 }, () => {
  test('finds that objects are deleted before their rows are, in a copy of Tintype', async (t) => {
    const { source, remove } = await plant(bugs.deleteBeforeCommit)
    t.after(remove)
    // A run has a few deletions, and not each of them meets a fault: more seeds, until one does.
    for (const seed of [5, 6, 7, 8, 9, 10]) {
      const { dangling, lost } = tally(await run(tintypeByForm(source), { ...options, seed }))
      if (dangling + lost > 0) return
    }
    assert.fail('Six runs did not find it.')
  })

  test('finds what the example that fails leaves, and nothing in the one that passes', async () => {
    const failed = tally(await run(adapterOf('fails.ts'), options))
    assert.ok(failed.orphan > 0)
    assert.deepEqual((await run(adapterOf('passes.ts'), options)).violations, [])
  })
})
