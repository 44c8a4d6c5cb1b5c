// In a process of its own: it measures the memory of its process.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createAttached } from './attached.ts'

test('the value of an object is made once', () => {
  const ids = createAttached<number>('id')
  const [one, other] = [{}, Object.freeze({})]
  let made = 0
  for (const object of [one, other, one, other]) ids.of(object, () => ++made)
  assert.equal(made, 2)
  assert.deepEqual(
    [one, other].map((object) => ids.of(object, () => 0)),
    [1, 2],
  )
})

test('two values of one object have nothing to do with each other', () => {
  const object = {}
  assert.equal(
    createAttached<string>('a').of(object, () => 'a'),
    'a',
  )
  assert.equal(
    createAttached<string>('a').of(object, () => 'b'),
    'b',
  )
})

test('an object looks as it did before', () => {
  const object = { url: '/' }
  createAttached<string>('id').of(object, () => 'x')
  assert.deepEqual(Object.keys(object), ['url'])
  assert.equal(JSON.stringify(object), '{"url":"/"}')
})

test('what a value leads to goes with the next young collection', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void
  const attached = createAttached<object>('attached')
  // It is as old as the process.
  attached.of({}, () => ({}))
  collect()
  collect()
  const before = process.memoryUsage().heapUsed
  for (let at = 0; at < 1000; at++) {
    const request = { at }
    attached.of(request, () => ({ request, leadsTo: new Array(1000).fill(at) }))
  }
  collect({ type: 'minor' })
  collect({ type: 'minor' })
  const left = process.memoryUsage().heapUsed - before
  assert.ok(left < 2_000_000, `${left} of eight million bytes are left`)
})
