import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCollection } from './garbage.ts'

const megabyte = 1024 * 1024

/** A process with these megabytes after each job, and after each collection. */
function processWith(afterJobs: number[], afterCollections: number[]) {
  let resident = 80 * megabyte
  let collections = 0
  const afterJob = createCollection({
    resident: () => resident,
    collect() {
      resident = (afterCollections[collections++] ?? Number.NaN) * megabyte
    },
  })
  return afterJobs.map((megabytes) => {
    const before = collections
    resident = megabytes * megabyte
    afterJob()
    return collections - before
  })
}

test('garbage is collected by a process that has 16 MB more than it had at the least', () => {
  assert.deepEqual(processWith([90, 95, 96, 80], [80]), [0, 0, 1, 0])
  assert.deepEqual(processWith([70, 86], [70]), [0, 1])
})

test('what one collection leaves is collected once more', () => {
  assert.deepEqual(processWith([140, 140], [139, 85, 85]), [2, 1])
})

test('what is left then is not looked for after each job', () => {
  assert.deepEqual(processWith([120, 121, 134, 135], [119, 119, 118]), [2, 0, 0, 1])
})
