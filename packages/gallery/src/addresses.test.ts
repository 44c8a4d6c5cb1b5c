import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressOf, parseRoute } from './addresses.ts'

const at = (path: string, folder = '/') => {
  const { pathname, search } = new URL(path, 'http://localhost')
  return parseRoute({ pathname, search }, folder)
}

test('each view has an address, also below a path, and is found by it', () => {
  for (const folder of ['/', '/photos/']) {
    for (const route of [
      { at: 'photos', query: '' },
      { at: 'photos', query: 'two words & more' },
      { at: 'photo', id: 'AbC-_9', query: '' },
      { at: 'photo', id: 'AbC-_9', query: 'lisbon' },
      { at: 'removed', query: '' },
      { at: 'albums', query: '' },
      { at: 'photos', query: '', album: 'AbC-_9' },
      { at: 'photo', id: 'p-1', query: '', album: 'AbC-_9' },
    ] as const) {
      assert.deepEqual(at(addressOf(route, folder), folder), route)
    }
  }
  assert.equal(addressOf({ at: 'photo', id: 'a', query: 'b c' }, '/x/'), '/x/photo/a?q=b+c')
})

test('what is no address of ours is nowhere', () => {
  for (const path of [
    '/photo/',
    '/photo/%zz',
    '/photo/a/b',
    '/elsewhere',
    '/removed/x',
    '/album',
    '/album/',
    '/album/a/b',
    '/album/a/removed',
    '/albums/a',
  ]) {
    assert.equal(at(path).at, 'nowhere', path)
  }
  assert.equal(at('/index.html').at, 'photos')
  // As the server leads to it.
  assert.deepEqual(at('/shared/AbC', '/shared/AbC/'), { at: 'photos', query: '' })
})
