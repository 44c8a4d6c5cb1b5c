import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isBeyond, largestScale, whole, within, zoomAt } from './zoom.ts'

const stage = { width: 400, height: 800 }
const frame = { width: 400, height: 300 }

test('what is under the finger stays there', () => {
  const point = { x: 120, y: -60 }
  const near = zoomAt(whole, 4, point)
  // The point of the picture that was there, in the picture's own pixels.
  assert.deepEqual([(point.x - near.x) / near.scale, (point.y - near.y) / near.scale], [120, -60])
  assert.deepEqual(zoomAt(near, 1, point), whole)
})

test('a picture can’t be moved out of sight, and one that is smaller than the stage stands in its middle', () => {
  assert.deepEqual(within({ scale: 2, x: 900, y: 50 }, frame, stage, 8), { scale: 2, x: 200, y: 0 })
  assert.deepEqual(within({ scale: 4, x: -900, y: -900 }, frame, stage, 8), { scale: 4, x: -600, y: -200 })
  assert.deepEqual(within({ scale: 0.4, x: 30, y: 30 }, frame, stage, 8), whole)
  assert.equal(within({ scale: 99, x: 0, y: 0 }, frame, stage, 8).scale, 8)
})

test('one may zoom until the pixels of the original show, and a little into a small picture', () => {
  assert.equal(largestScale(4000, 400, 1), 20)
  assert.equal(largestScale(4000, 400, 2), 10)
  assert.equal(largestScale(300, 300, 2), 3)
  assert.equal(largestScale(100, 0, 2), 3)
})

test('the original is wanted once the screen has more pixels than what is there', () => {
  assert.equal(isBeyond(1280, 400, 1, 3), false)
  assert.equal(isBeyond(1280, 400, 1.5, 3), true)
  assert.equal(isBeyond(1280, 400, 3, 1), false)
})
