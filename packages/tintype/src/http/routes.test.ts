import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRouter } from './routes.ts'

const find = createRouter(
  ['/media', '/media/:id', '/media/:id/:name', '/uploads/:id/parts'].map((path) => ({ path, methods: {} })),
)
const found = (path: string) => {
  const { route, id, name } = find(path) ?? {}
  return route && [route.path, id, name]
}

test('a route is found by its path, whatever its case, with a slash at its end or without', () => {
  assert.deepEqual(found('/media'), ['/media', '', ''])
  assert.deepEqual(found('/Media/'), ['/media', '', ''])
  assert.deepEqual(found('/media/a%20b'), ['/media/:id', 'a b', ''])
  assert.deepEqual(found('/media/5/thumb'), ['/media/:id/:name', '5', 'thumb'])
  assert.deepEqual(found('/uploads/5/parts/'), ['/uploads/:id/parts', '5', ''])
})

test('what is none is none', () => {
  for (const path of [
    '/',
    '',
    '/medias',
    '/media//',
    '//media',
    '/media/5/thumb/x',
    '/uploads/5/part',
    'media',
  ]) {
    assert.equal(found(path), undefined, path)
  }
})

test('a path that can not be decoded is malformed', () => {
  for (const path of ['/media/%', '/media/%ff', '/media/5/%e0%a4']) {
    assert.throws(() => find(path), { code: 'malformed_request' })
  }
})
