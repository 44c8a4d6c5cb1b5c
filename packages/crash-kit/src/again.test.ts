import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refused } from './adapter.ts'
import { again } from './again.ts'

test('what is cut off is read once more, and what is refused is not', async () => {
  let tried = 0
  const failing = (error: Error) => async () => {
    tried += 1
    if (tried === 1) throw error
    return 'read'
  }
  assert.equal(await again(failing(new TypeError('fetch failed'))), 'read')
  assert.equal(tried, 2)
  tried = 0
  await assert.rejects(again(failing(new Refused(404, 'no'))), Refused)
  assert.equal(tried, 1)
})
