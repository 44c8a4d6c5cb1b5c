import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkDoorOptions } from './door.ts'

test('options of one request are refused by name where they make no sense', () => {
  for (const [given, says] of [
    [{ mount: 5 }, /^TypeError: mount is 5; it has to be the path/],
    [{ mount: null }, /^TypeError: mount is null/],
    [{ owner: 17 }, /^TypeError: owner is 17; it has to be the id of an owner, or null/],
    [{ owner: false }, /^TypeError: owner is false/],
    [{ remoteAddress: {} }, /^TypeError: remoteAddress is an object/],
    [{ incoming: 'x' }, /^TypeError: incoming is a string/],
  ] as const) {
    assert.throws(() => checkDoorOptions(given as object), says)
  }
})

test('what frameworks hand on in their place is let be', () => {
  const next = () => {}
  for (const given of [undefined, null, next]) assert.deepEqual(checkDoorOptions(given as undefined), {})
  const context = { params: {}, env: {} }
  assert.equal(checkDoorOptions(context as object), context)
  const owned = { owner: undefined, mount: '/api' }
  assert.equal(checkDoorOptions(owned), owned)
})
