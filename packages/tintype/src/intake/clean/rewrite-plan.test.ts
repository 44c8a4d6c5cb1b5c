import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { fuzz } from '../../../../../test/support/fuzz.ts'
import type { Edit } from '../../privacy/cleaning.ts'
import { editPart, largestWrite, partLimits, planRewrite } from './rewrite-plan.ts'

const limits = { smallest: 10, largestCopy: 25 }
const edit = (offset: number, length: number): Edit => ({ offset, bytes: Buffer.alloc(length, 0xff) })
const shape = (size: number, edits: Edit[]) =>
  planRewrite(size, edits, limits).map(({ start, end, edits }) => [
    edits.length > 0 ? 'write' : 'copy',
    start,
    end,
  ])

describe('the parts of an object that is put together anew', () => {
  test('an edit at the beginning costs one part, and the rest is copied', () =>
    assert.deepEqual(shape(50, [edit(3, 2)]), [
      ['write', 0, 10],
      ['copy', 10, 30],
      ['copy', 30, 50],
    ]))
  test('an edit at the end costs the few bytes after it: the last part may be small', () =>
    assert.deepEqual(shape(50, [edit(47, 2)]), [
      ['copy', 0, 23],
      ['copy', 23, 47],
      ['write', 47, 50],
    ]))
  test('edits that are close to each other share a part', () =>
    assert.deepEqual(shape(60, [edit(20, 2), edit(26, 2), edit(50, 1)]), [
      ['copy', 0, 20],
      ['write', 20, 30],
      ['copy', 30, 50],
      ['write', 50, 60],
    ]))
  test('a long edit becomes several parts, each within what is held in memory', () =>
    assert.deepEqual(shape(60, [edit(0, 45)]), [
      ['write', 0, 11],
      ['write', 11, 22],
      ['write', 22, 33],
      ['write', 33, 45],
      ['copy', 45, 60],
    ]))
  test('of a video of 5 GB with its index at the end, little more than the index comes by here', () => {
    const size = 5e9
    const parts = planRewrite(size, [edit(size - 40_000, 20), edit(size - 300, 4)])
    const written = parts.filter(({ edits }) => edits.length > 0)
    assert.deepEqual(
      written.map(({ start, end }) => end - start),
      [40_000],
    )
    assert.ok(parts.length <= 12)
  })

  test('whatever the edits: all bytes once, in order, overwritten as they should be, in parts that S3 takes', () => {
    const edits = fc
      .array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 40 })), { maxLength: 8 })
      .map((gaps) => {
        let at = 0
        return gaps.map(([gap, length]) => {
          const one = edit(at + gap, length)
          at = one.offset + length
          return one
        })
      })
    fc.assert(
      fc.property(edits, fc.nat(80), (edits, tail) => {
        const last = edits.at(-1)
        const size = (last ? last.offset + last.bytes.length : 1) + tail
        const parts = planRewrite(size, edits, limits)
        const made = Buffer.alloc(size, 1)
        let at = 0
        for (const part of parts) {
          assert.equal(part.start, at)
          at = part.end
          const length = part.end - part.start
          const isLast = part.number === parts.length
          assert.ok(isLast || length >= limits.smallest, `part ${part.number} has ${length}`)
          assert.ok(length <= (part.edits.length > 0 ? largestWrite(limits) : limits.largestCopy))
          if (part.edits.length > 0) editPart(made.subarray(part.start, part.end), part)
        }
        assert.equal(at, size)
        const wanted = Buffer.alloc(size, 1)
        for (const { offset, bytes } of edits) wanted.set(bytes, offset)
        assert.ok(made.equals(wanted))
      }),
      fuzz(2000),
    )
  })

  test('an object of any size fits into ten thousand parts', () => {
    for (const size of [1e9, 1e11, 5e13]) {
      const { smallest } = partLimits(size)
      const apart = Array.from({ length: Math.floor(size / smallest / 2) }, (_, i) =>
        edit(i * 2 * smallest, 1),
      )
      assert.ok(planRewrite(size, apart).length <= 10_000)
    }
  })
})
