import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBrowserMemory } from './indexed-db.ts'
import type { RememberedUpload } from './memory.ts'

const upload = (key: string): RememberedUpload => ({
  ...{ key, endpoint: '/api', session: 's', name: 'clip.mp4', size: 1, type: 'video/mp4', lastModified: 0 },
  ...{ edges: 'e', expiresAt: 0 },
})

/** An IndexedDB as bad as it is told to be: `open` gives what each call is to get. */
function factoryOf(open: () => unknown) {
  let calls = 0
  const factory = {
    open() {
      calls++
      return open()
    },
  } as unknown as IDBFactory
  return { factory, calls: () => calls }
}
const refuses = () => {
  throw new DOMException('The operation is insecure.', 'SecurityError')
}
const neverAnswers = () => ({})
const fails = () => {
  const request = { error: new DOMException('internal error', 'UnknownError'), onerror: () => {} }
  queueMicrotask(() => request.onerror())
  return request
}
/** Opens, and then every question stays open. */
const opensOnly = () => {
  const store = new Proxy({}, { get: () => () => ({}) })
  const result = { transaction: () => ({ objectStore: () => store }), close() {} }
  const request = { result, onsuccess: () => {} }
  queueMicrotask(() => request.onsuccess())
  return request
}

const ways = { refuses, fails, neverAnswers, opensOnly }
for (const [name, open] of Object.entries(ways)) {
  test(`an IndexedDB that ${name}: uploads are remembered as long as the page lives`, async () => {
    const memory = createBrowserMemory(factoryOf(open).factory, 1)
    await memory.set(upload('a'))
    await memory.set(upload('b'))
    await memory.delete('b')
    assert.deepEqual(await memory.get('a'), upload('a'))
    assert.deepEqual(await memory.list(), [upload('a')])
  })
}

test('what has not answered once is not waited for again', async () => {
  const { factory, calls } = factoryOf(neverAnswers)
  const memory = createBrowserMemory(factory, 1)
  for (let n = 0; n < 10; n++) await memory.set(upload(`${n}`))
  assert.equal(calls(), 1)
})

test('what has failed once is tried again: it may have been closed by another tab', async () => {
  const { factory, calls } = factoryOf(fails)
  const memory = createBrowserMemory(factory, 1000)
  await memory.set(upload('a'))
  await memory.get('a')
  assert.equal(calls(), 2)
})
