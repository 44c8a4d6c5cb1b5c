import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Report, run, tally } from '@tintype/crash-kit'
import { adapterOf } from '../../examples/crash-kit/try.ts'
import { tintypeByForm } from '../../orphans/contestants/tintype.ts'
import { bugs, plant } from '../crash/bugs.ts'

const path = process.env.PATH ?? ''

describe('the crash kit, which knows nothing of Tintype', { timeout: 1_800_000 }, () => {
  test('finds two mistakes planted in a copy of Tintype', async (t) => {
    const { source, remove } = await plant([...bugs.deleteBeforeCommit, ...bugs.forgetAfterUnknownPut])
    t.after(remove)
    // Found without its sweeper, which would need longer: what these mistakes leave, no clean-up mends.
    const adapter = { ...tintypeByForm(source), recovery: { seconds: 20, how: 'Its sweeper, shortened.' } }
    const found = { deletedBeforeCommit: false, forgottenAfterLatePut: false }
    // A run has a few deletions, and not each of them meets a fault: more seeds, until both are found.
    for (const seed of [6, 7, 8, 9, 10, 11]) {
      const report = await run(adapter, { seed, kills: 8, faultShare: 0.3, path })
      const { dangling, lost } = tally(report)
      if (dangling + lost > 0) found.deletedBeforeCommit = true
      if (cameAfterItsDeletion(report)) found.forgottenAfterLatePut = true
      if (found.deletedBeforeCommit && found.forgottenAfterLatePut) return
    }
    assert.deepEqual(found, { deletedBeforeCommit: true, forgottenAfterLatePut: true })
  })

  test('finds what the example that fails leaves, and nothing in the one that passes', async () => {
    const options = { seed: 5, kills: 10, path }
    const failed = tally(await run(adapterOf('fails.ts'), options))
    assert.ok(failed.orphan > 0)
    assert.deepEqual((await run(adapterOf('passes.ts'), options)).violations, [])
  })
})

/** An object that is there although S3 has deleted it: its PUT was carried out later. */
function cameAfterItsDeletion({ violations }: Report): boolean {
  return violations.some(
    ({ kind, story }) =>
      kind === 'orphan' && /PutObject \(late\)/.test(story) && /DeleteObject(;|$)/.test(story),
  )
}
