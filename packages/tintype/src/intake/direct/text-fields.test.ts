import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TintypeError } from '../../errors.ts'
import { fieldsOf, readTextFields } from './text-fields.ts'

const limits = { fields: 3, fieldBytes: 10, fieldNameBytes: 30 }
const read = (given: unknown) => fieldsOf({ fields: readTextFields(given, limits), caption: null })
const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

describe('text that comes with a direct upload', () => {
  test('is what a form with the same fields would have given', () => {
    assert.deepEqual(plain(read({ album: '7', 'tags[]': ['a', 'b'] })), { album: '7', tags: ['a', 'b'] })
    assert.deepEqual(plain(read({ 'a[b]': 'x', 'list[1]': 'y' })), { a: { b: 'x' }, list: [null, 'y'] })
    assert.equal(readTextFields(undefined, limits), null)
    assert.equal(readTextFields({}, limits), null)
    assert.equal(Object.getPrototypeOf(read({ 'a[b]': 'x' }).a), null)
  })

  test('is refused with the limit, or the shape that is right', () => {
    const refusals: [given: unknown, code: string, limit?: number][] = [
      ['text', 'invalid_parameter'],
      [['a'], 'invalid_parameter'],
      [{ a: 1 }, 'invalid_parameter'],
      [{ a: { b: 'c' } }, 'invalid_parameter'],
      [{ a: [['b']] }, 'invalid_parameter'],
      [{ a: 'x\0' }, 'invalid_parameter'],
      [{ a: 'é'.repeat(6) }, 'invalid_parameter', 10],
      [{ ['n'.repeat(31)]: 'x' }, 'invalid_parameter', 30],
      [{ a: ['1', '2'], b: ['3', '4'] }, 'too_many_fields', 3],
      [JSON.parse('{"__proto__": "x"}'), 'invalid_parameter'],
      [{ 'constructor[prototype]': 'x' }, 'invalid_parameter'],
      [{ 'a[99999999]': 'x' }, 'invalid_parameter', 49],
    ]
    for (const [given, code, limit] of refusals) {
      assert.throws(
        () => read(given),
        (error) => error instanceof TintypeError && error.code === code && error.limit === limit,
        JSON.stringify(given),
      )
    }
  })
})
