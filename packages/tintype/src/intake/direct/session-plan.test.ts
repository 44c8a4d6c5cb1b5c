import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { defaultLimits } from '../../inspect/limits.ts'
import { planParts } from '../part-plan.ts'
import { checkAnnounced, partCount, partSize } from './session-plan.ts'

const mebibyte = 1024 ** 2
const limits = { ...defaultLimits, videoBytes: 1024 ** 5 }

describe('how a file is cut', () => {
  for (const [bytes, parts, size] of [
    [16 * mebibyte + 1, 3, 8 * mebibyte],
    [80_000 * mebibyte, 10_000, 8 * mebibyte],
    [80_000 * mebibyte + 1, 8889, 9 * mebibyte],
    [10_000 * 5 * 1024 ** 3, 10_000, 5 * 1024 ** 3],
  ] as const) {
    test(`${bytes} bytes are ${parts} parts of ${size / mebibyte} MiB`, () => {
      const row = { bytes, part_bytes: planParts(bytes).partBytes }
      assert.deepEqual([partCount(row), row.part_bytes], [parts, size])
      const last = partSize(row as Parameters<typeof partSize>[0], parts)
      assert.equal((parts - 1) * size + last, bytes)
    })
  }

  test('more than the largest object is too large, whatever the limit says', () => {
    const size = 10_000 * 5 * 1024 ** 3 + 1
    assert.throws(
      () => checkAnnounced({ name: 'a', type: 'video/mp4', size }, { caption: null, fields: null }, limits),
      {
        code: 'too_large',
      },
    )
  })
})
