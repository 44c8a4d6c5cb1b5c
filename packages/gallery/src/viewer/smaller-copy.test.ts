import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasSmallerCopy } from './smaller-copy.ts'

const urls = { original: '/original', view: '/view' }

test('a smaller copy is offered of photos that are larger than the copy, upright ones too, and of no others', () => {
  assert.equal(hasSmallerCopy({ width: 4000, height: 3000, urls }), true)
  assert.equal(hasSmallerCopy({ width: 1500, height: 4000, urls }), true)
  assert.equal(hasSmallerCopy({ width: 2048, height: 2048, urls }), false)
  assert.equal(hasSmallerCopy({ width: 600, height: 400, urls }), false)
  assert.equal(hasSmallerCopy({ width: 4000, height: 3000, urls: { original: '/original' } }), false)
})

test('it goes by the view that the server makes', () => {
  const photo = { width: 2000, height: 1500, urls }
  assert.equal(hasSmallerCopy(photo, { width: 1600, height: 1600 }), true)
  assert.equal(hasSmallerCopy(photo, { width: 4096, height: 4096 }), false)
  assert.equal(hasSmallerCopy({ ...photo, turned: true }, { width: 2000, height: 1500 }), true)
})
