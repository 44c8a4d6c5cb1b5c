import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heldLocks, withLock } from './locks.ts'

const ways: [string, LockManager | undefined][] = [
  ['Web Locks', globalThis.navigator?.locks],
  ['this page alone', undefined],
]
for (const [name, locks] of ways) {
  const skip = name === 'Web Locks' && !locks && 'this Node has no Web Locks'
  test(`${name}: one at a time under a name, a failure lets the next one in`, { skip }, async (t) => {
    t.mock.getter(globalThis.navigator, 'locks', () => locks)
    const steps: string[] = []
    const gate = Promise.withResolvers<void>()
    const first = withLock('a', undefined, async () => {
      steps.push('first')
      await gate.promise
      throw new Error('first failed')
    })
    const second = withLock('a', undefined, async () => void steps.push('second'))
    await withLock('b', undefined, async () => void steps.push('other'))
    assert.deepEqual(steps, ['first', 'other'])
    assert((await heldLocks()).has('a'))
    gate.resolve()
    await assert.rejects(first, /first failed/)
    await second
    assert.deepEqual(steps, ['first', 'other', 'second'])
    await new Promise(setImmediate)
    assert(!(await heldLocks()).has('a'))
  })

  test(`${name}: waiting ends with the signal`, { skip }, async (t) => {
    t.mock.getter(globalThis.navigator, 'locks', () => locks)
    const gate = Promise.withResolvers<void>()
    const first = withLock('c', undefined, () => gate.promise)
    const controller = new AbortController()
    const second = withLock('c', controller.signal, async () => assert.fail('it was not let in'))
    controller.abort(new Error('enough'))
    gate.resolve()
    await assert.rejects(second, /enough/)
    await first
  })
}

test('where the browser refuses Web Locks, this page alone is kept in order', async (t) => {
  const refuse = async () => {
    throw new DOMException('cookies are blocked', 'SecurityError')
  }
  t.mock.getter(globalThis.navigator, 'locks', () => ({ request: refuse, query: refuse }))
  const steps: string[] = []
  const one = withLock('d', undefined, async () => void steps.push('first'))
  await withLock('d', undefined, async () => void steps.push('second'))
  await one
  assert.deepEqual(steps, ['first', 'second'])
  assert.equal((await heldLocks()).size, 0)
})

test('a free lock that is not granted is not waited for', async (t) => {
  const request = () => new Promise(() => {})
  for (const query of [async () => ({ held: [] }), () => new Promise(() => {})]) {
    t.mock.getter(globalThis.navigator, 'locks', () => ({ request, query }))
    assert.equal(await withLock('e', undefined, async () => 'done', 1), 'done')
  }
})

test('a lock that another tab has is waited for, however long', async (t) => {
  let looks = 0
  const granted = Promise.withResolvers<void>()
  const looked = Promise.withResolvers<void>()
  const request = async (_name: string, _options: object, work: () => unknown) => {
    await granted.promise
    return work()
  }
  const query = async () => {
    if (++looks === 3) looked.resolve()
    return { held: [{ name: 'f' }] }
  }
  t.mock.getter(globalThis.navigator, 'locks', () => ({ request, query }))
  const begun: string[] = []
  const working = withLock('f', undefined, async () => void begun.push('work'), 1)
  await looked.promise
  assert.deepEqual(begun, [])
  granted.resolve()
  await working
})

test('a lock that is granted too late runs nothing twice', async (t) => {
  const granted = Promise.withResolvers<void>()
  let late: Promise<unknown> = Promise.resolve()
  const request = (_name: string, _options: object, work: () => unknown) => {
    late = granted.promise.then(work)
    return late
  }
  t.mock.getter(globalThis.navigator, 'locks', () => ({ request, query: async () => ({ held: [] }) }))
  let runs = 0
  await withLock('g', undefined, async () => void runs++, 1)
  granted.resolve()
  await late
  assert.equal(runs, 1)
})
