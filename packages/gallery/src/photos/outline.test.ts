import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Media, Timeline } from '@tintype/protocol'
import { createOutline, pageOfMedia, pagesOf, withMedia, without } from './outline.ts'

const media = (id: string, takenAt: string, width = 300) =>
  ({ id, takenAt, createdAt: '2024-06-01T00:00:00.000Z', width, height: 200 }) as Media
/** Where zones change, days alternate in the order of the server. */
const all = [
  media('tokyo', '2024-02-01T08:00:00+09:00'),
  media('angeles', '2024-01-31T14:00:00-08:00', 200),
  media('seoul', '2024-02-01T06:30:00+09:00', 100),
  media('bare', '2024-01-31T09:00:00'),
]
const ids = (outline: ReturnType<typeof createOutline>) =>
  Array.from({ length: outline.count }, (_, index) => outline.mediaAt(index)?.id)
const timeline: Timeline = {
  total: 6,
  pages: [
    {
      cursor: null,
      from: Date.parse('2024-01-31T23:00:00Z'),
      days: [
        { date: '2024-02-01', count: 1 },
        { date: '2024-01-31', count: 1 },
        { date: '2024-02-01', count: 1 },
        { date: '2024-01-31', count: 1 },
      ],
      ratios: [150, 100, 50, 150],
    },
    { cursor: 'more', from: 0, days: [{ date: '1970-01-01', count: 2 }], ratios: [67, 67] },
  ],
}

test('each day stands once, with its photos in the order of the server', () => {
  const outline = createOutline([pageOfMedia(null, all)])
  assert.deepEqual(ids(outline), ['tokyo', 'seoul', 'angeles', 'bare'])
  assert.deepEqual(outline.days, [
    { date: '2024-02-01', start: 0, count: 2 },
    { date: '2024-01-31', start: 2, count: 2 },
  ])
  assert.deepEqual([0, 1, 2, 3].map(outline.ratioAt), [1.5, 0.5, 1, 1.5])
  assert.deepEqual([outline.indexOf('angeles'), outline.indexOf('none')], [2, -1])
})

test('what was loaded stays loaded when the rest becomes known', () => {
  const outline = createOutline(pagesOf(timeline, [pageOfMedia(null, all)]))
  assert.deepEqual(ids(outline), ['tokyo', 'seoul', 'angeles', 'bare', undefined, undefined])
  assert.deepEqual([outline.pageAt(3), outline.pageAt(4)], [0, 1])
})

test('a photo that comes finds its place, or is left to the server where its surroundings are not known', () => {
  const pages = pagesOf(timeline, [pageOfMedia(null, all)])
  const later = withMedia(pages, [media('new', '2024-01-31T10:00:00')])
  assert.deepEqual(ids(createOutline(later ?? [])).slice(0, 5), ['tokyo', 'seoul', 'angeles', 'new', 'bare'])
  assert.equal(withMedia(pages, [media('old', '1970-01-01T00:00:00Z')]), undefined)
  const changed = withMedia(pages, [{ ...media('bare', '2024-01-31T09:00:00'), caption: 'At sea' }])
  assert.equal(createOutline(changed ?? []).mediaAt(3)?.caption, 'At sea')
  assert.equal(createOutline(changed ?? []).count, 6)
})

test('what is deleted leaves no gap, and the first page stays for what comes', () => {
  const rest = without([pageOfMedia(null, all)], new Set(['tokyo', 'bare']))
  assert.deepEqual(ids(createOutline(rest)), ['seoul', 'angeles'])
  const none = without(rest, new Set(['seoul', 'angeles']))
  assert.deepEqual([none.length, createOutline(none).count], [1, 0])
  assert.equal(createOutline(withMedia(none, all) ?? []).count, 4)
})
