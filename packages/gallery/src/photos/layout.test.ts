import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boxesOf, indexBelow, layOut, rowAt, rowHeight, rowOf, shownRatio } from './layout.ts'
import type { Outline } from './outline.ts'

/** This many photos on each day, of ratios that come again and again. */
function outlineOf(counts: number[], ratios: number[]): Outline {
  let start = 0
  const days = counts.map((count, n) => {
    const day = { date: `2024-01-${String(99 - n)}`, start, count }
    start += count
    return day
  })
  const ratioAt = (index: number) => ratios[index % ratios.length] ?? 1
  return { days, count: start, ratioAt } as unknown as Outline
}
const phone = 358
const screen = 1376
const shapes = [1.5, 0.67, 1.33, 1, 1.78, 0.56, 3, 0.2, 9]

for (const width of [phone, screen]) {
  test(`at ${width} pixels rows end at the edge, are about as high as each other, and hold each photo once`, () => {
    const outline = outlineOf([40, 1, 1, 3, 7, 1, 25, 2], shapes)
    const { rows, height } = layOut(outline, width)
    const places: number[] = []
    for (const [n, row] of rows.entries()) {
      const boxes = row.segments.flatMap((one) => boxesOf(one, outline))
      places.push(...boxes.map(({ index }) => index))
      const right = Math.max(...boxes.map((box) => box.left + box.width))
      assert.ok(right <= width + 0.5, `row ${n} is ${right} wide`)
      const tiles = row.segments[0]?.height ?? 0
      assert.ok(
        tiles <= rowHeight(width) * 1.8 && tiles >= rowHeight(width) * 0.4,
        `row ${n} is ${tiles} high`,
      )
      const isFull = row.segments.every(({ end, date }) =>
        outline.days.some((day) => day.date === date && end < day.start + day.count),
      )
      if (isFull) assert.ok(right > width - 0.5, `row ${n} ends at ${right}`)
      assert.equal(row.top + row.height, rows[n + 1]?.top ?? height)
    }
    assert.deepEqual(
      places,
      Array.from({ length: outline.count }, (_, index) => index),
    )
  })
}

test('portraits are whole, on a phone, too', () => {
  const outline = outlineOf([4], [0.56])
  const [row] = layOut(outline, phone).rows
  const [box] = row?.segments.flatMap((one) => boxesOf(one, outline)) ?? []
  assert.ok(box && row?.segments[0])
  assert.ok(Math.abs(box.width / (row.segments[0]?.height ?? 1) - 0.56) < 0.01)
  assert.equal(shownRatio(9), 3)
})

test('rows are found by their height and by their photos, and the photo below by its middle', () => {
  const outline = outlineOf([60], [1.5, 0.75])
  const layout = layOut(outline, screen)
  for (const [n, row] of layout.rows.entries()) {
    assert.equal(rowAt(layout, row.top + 1), n)
    assert.equal(rowOf(layout, row.segments[0]?.first ?? -1), n)
  }
  const below = indexBelow(layout, outline, 0, 1)
  assert.equal(rowOf(layout, below), 1)
  assert.equal(indexBelow(layout, outline, below, -1), 0)
  assert.equal(indexBelow(layout, outline, 0, -1), 0)
})

test('a hundred thousand photos are laid out within the height that browsers can scroll', () => {
  const outline = outlineOf(
    Array.from({ length: 3000 }, () => 33),
    shapes,
  )
  assert.equal(outline.count, 99_000)
  assert.ok(layOut(outline, phone).height < 17_000_000)
})
