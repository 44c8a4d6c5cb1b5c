import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasSmallerCopy } from './smaller-copy.ts'

const urls = { original: '/original', view: '/view' }

test('a smaller copy is offered of photos that are wider than the copy, and of no others', () => {
  assert.equal(hasSmallerCopy({ width: 4000, height: 3000, urls }), true)
  assert.equal(hasSmallerCopy({ width: 2048, height: 4000, urls }), false)
  assert.equal(hasSmallerCopy({ width: 600, height: 400, urls }), false)
  assert.equal(hasSmallerCopy({ width: 4000, height: 3000, urls: { original: '/original' } }), false)
})
