import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Tiling } from './coding.ts'
import type { Pixels } from './shrink.ts'
import { shrinkFactor, shrinkTiles } from './shrink-tiles.ts'

/** A picture of 31 x 23 pixels in tiles of 10 x 8, the last of which stand out. */
const tiling: Tiling = {
  width: 31,
  height: 23,
  tile: { width: 10, height: 8 },
  columns: 4,
  items: Array.from({ length: 12 }, (_, index) => 100 + index),
  turns: [],
}
const valueAt = (x: number, y: number, channel: number) => (x * 7 + y * 13 + channel * 50) % 256

function tile(item: number): Pixels {
  const { width, height } = tiling.tile
  const [left, top] = [((item - 100) % 4) * width, Math.floor((item - 100) / 4) * height]
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3)
    return valueAt(left + (pixel % width), top + Math.floor(pixel / width), at % 3)
  })
  return { data, width, height, channels: 3 }
}

/** The mean of all pixels that this one stands for. */
function meanAt(column: number, row: number, channel: number, factor: number): number {
  let [sum, count] = [0, 0]
  for (let y = row * factor; y < Math.min((row + 1) * factor, tiling.height); y++) {
    for (let x = column * factor; x < Math.min((column + 1) * factor, tiling.width); x++) {
      sum += valueAt(x, y, channel)
      count++
    }
  }
  return Math.round(sum / count)
}

for (const factor of [1, 2, 3, 5, 7, 16]) {
  test(`each pixel is the mean of ${factor} x ${factor}, across the edges of tiles`, () => {
    const { data, width, height } = shrinkTiles(tiling, factor, tile)
    assert.deepEqual([width, height], [Math.ceil(31 / factor), Math.ceil(23 / factor)])
    const right = Array.from({ length: width * height * 3 }, (_, at) => {
      const pixel = Math.floor(at / 3)
      return meanAt(pixel % width, Math.floor(pixel / width), at % 3, factor)
    })
    assert.deepEqual([...data], right)
  })
}

test('a tile of another size is not taken for the part of a picture', () => {
  assert.throws(() => shrinkTiles(tiling, 2, () => ({ ...tile(100), width: 9 })), /another size/)
})

test('a picture is divided by no more than what is needed of it', () => {
  assert.deepEqual([1, 0.9, 0.51, 0.5, 1 / 3, 0.3, 320 / 8064].map(shrinkFactor), [1, 1, 1, 2, 3, 3, 16])
})
