import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TailObject } from '../../records/resumable-records.ts'
import { bytesIn, remaining } from './tail.ts'

const partBytes = 5 * 1024 * 1024

/** Appends of these sizes. @returns the objects, and how many bytes were written for them */
function after(sizes: Iterable<number>): { tail: TailObject[]; written: number; most: number } {
  let tail: TailObject[] = []
  let written = 0
  let most = 0
  for (const size of sizes) {
    const stay = remaining(tail, size, partBytes)
    const bytes = bytesIn(tail) - bytesIn(stay) + size
    tail = [...stay, { key: 'tail', bytes }]
    written += bytes
    most = Math.max(most, tail.length)
  }
  return { tail, written, most }
}

test('what is large is written once', () => {
  const { tail, written } = after([1e6, 1e6, 1e6, 1e6, 1e6])
  assert.deepEqual([tail.length, written], [5, 5e6])
})

test('bytes that come alone are few objects, and each is written some times at the most', () => {
  const count = 100_000
  const { tail, written, most } = after(Array<number>(count).fill(1))
  assert.equal(bytesIn(tail), count)
  assert.ok(most <= 20, `${most} objects`)
  assert.ok(written <= 20 * count, `${written} bytes written`)
})

test('appends that become smaller and smaller are few objects', () => {
  const sizes = Array.from({ length: 3000 }, (_, index) => 3000 - index)
  assert.ok(after(sizes).most <= 40)
})
