import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Pixels, shrink } from './shrink.ts'

/** @param pixel of each place */
function filled(
  width: number,
  height: number,
  channels: Pixels['channels'],
  pixel: (x: number, y: number) => number[],
): Pixels {
  const all = Array.from({ length: width * height }, (_, at) => pixel(at % width, Math.floor(at / width)))
  return { data: Uint8Array.from(all.flat()), width, height, channels }
}

test('each pixel is the mean of those that it stands for, and the shape stays', () => {
  const halves = filled(320, 240, 3, (x) => (x < 160 ? [255, 0, 0] : [0, 0, x % 2 === 0 ? 100 : 200]))
  const { data, width, height } = shrink(halves, 16)
  assert.deepEqual([width, height, data.length], [16, 12, 16 * 12 * 3])
  assert.deepEqual([...data.subarray(0, 3)], [255, 0, 0])
  assert.deepEqual([...data.subarray(15 * 3, 16 * 3)], [0, 0, 150])
})

test('what can not be seen gives no colour', () => {
  const dotted = filled(32, 32, 4, (x) => (x % 2 === 0 ? [0, 200, 0, 255] : [255, 0, 255, 0]))
  assert.deepEqual([...shrink(dotted, 16).data.subarray(0, 4)], [0, 200, 0, 128])
  const clear = filled(32, 32, 2, () => [255, 0])
  assert.deepEqual([...shrink(clear, 16).data.subarray(0, 2)], [0, 0])
})

test('a line keeps its one pixel of height, an odd size loses none, and a small picture stays as it is', () => {
  const line = shrink(
    filled(317, 1, 1, (x) => [x < 290 ? 10 : 250]),
    16,
  )
  assert.deepEqual([line.width, line.height, line.data[0], line.data[15]], [16, 1, 10, 250])
  const small = filled(5, 16, 3, () => [1, 2, 3])
  assert.equal(shrink(small, 16), small)
})
