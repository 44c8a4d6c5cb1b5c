import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modifiedAt, uniqueNames } from './names.ts'

test('each file of an archive has a name of its own', () => {
  const named = (...names: string[]) => uniqueNames(names.map((name) => ({ name, type: 'image/jpeg' })))
  assert.deepEqual(named('a.jpg', 'b.jpg', 'a.jpg', 'A.jpg', 'a.jpg'), [
    'a.jpg',
    'b.jpg',
    'a (2).jpg',
    'A (3).jpg',
    'a (4).jpg',
  ])
  assert.deepEqual(named('a', 'a', '.jpg', '.jpg'), ['a.jpg', 'a (2).jpg', '.jpg', '.jpg (2)'])
})

test('a file of an archive is called what it is, by a name that every system takes', () => {
  const named = (name: string, type: string) => uniqueNames([{ name, type }])
  assert.deepEqual(named('page.html', 'image/jpeg'), ['page.html.jpg'])
  assert.deepEqual(named('IMG_1.HEIC', 'image/jpeg'), ['IMG_1.jpg'])
  assert.deepEqual(named('At 10:30 <us> "here"?.mov', 'video/quicktime'), ['At 10_30 _us_ _here__.mov'])
})

test('a file is dated by the clocks where it was taken', () => {
  const createdAt = '2026-01-01T00:00:00.000Z'
  assert.equal(modifiedAt({ takenAt: '2024-05-01T23:30:00-05:00', createdAt }).getHours(), 23)
  assert.equal(modifiedAt({ createdAt }).toISOString(), createdAt)
})
