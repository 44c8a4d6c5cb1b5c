import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createBlockReader } from './block-reader.ts'
import { largestRead } from './range-source.ts'

const bytes = randomBytes(3 * largestRead + 17)

function reader() {
  const reads: [start: number, end: number][] = []
  const source = createBlockReader({
    size: bytes.length,
    async read(start, end) {
      reads.push([start, end])
      return bytes.subarray(start, end)
    },
  })
  return { reads, source }
}

test('any range is the one that was asked for', async () => {
  const { source } = reader()
  for (const [start, end] of [
    [0, 1],
    [8190, 8194],
    [8192, 16_384],
    [5, 40_000],
    [bytes.length - 1, bytes.length],
    [0, bytes.length],
  ] as const) {
    assert.ok(bytes.subarray(start, end).equals(await source.read(start, end)), `${start} to ${end}`)
  }
})

test('small reads side by side are one, also when they are made again', async () => {
  const { source, reads } = reader()
  for (const _ of [1, 2]) for (let at = 0; at < 8192; at += 16) await source.read(at, at + 16)
  assert.deepEqual(reads, [[0, 8192]])
})

test('no read fetches more than a MiB', async () => {
  const { source, reads } = reader()
  await source.read(0, bytes.length)
  assert.ok(reads.length === 4 && reads.every(([start, end]) => end - start <= largestRead))
})
