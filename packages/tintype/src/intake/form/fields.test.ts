import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { addField, type Fields, parseFieldName } from './fields.ts'

/** What fields of these names make, each with its place in the form as value. */
function fieldsOf(names: string[]): Fields {
  const fields: Fields = Object.create(null)
  for (const [index, name] of names.entries()) addField(fields, parseFieldName(name), String(index))
  return fields
}
const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

describe('text fields', () => {
  for (const [names, made] of [
    [['a', 'b'], { a: '0', b: '1' }],
    [['tags', 'tags', 'tags'], { tags: ['0', '1', '2'] }],
    [['tags[]'], { tags: ['0'] }],
    [['tags[]', 'tags[]', 'tags'], { tags: ['0', '1', '2'] }],
    [['user[name]', 'user[mail][]', 'user[mail][]'], { user: { name: '0', mail: ['1', '2'] } }],
    [['a[1]', 'a[0]'], { a: ['1', '0'] }],
    [['a[0][b]', 'a[0][c]'], { a: [{ b: '0', c: '1' }] }],
    // Names that contradict each other.
    [['a', 'a[b]'], { a: { '': '0', b: '1' } }],
    [['a[b]', 'a'], { a: { b: '0', '': '1' } }],
    [['a[0]', 'a[x]'], { a: { 0: '0', x: '1' } }],
    // No paths.
    [
      ['a[]b', '[a]', 'a[b', 'a[][b]', 'a]'],
      { 'a[]b': '0', '[a]': '1', 'a[b': '2', 'a[][b]': '3', 'a]': '4' },
    ],
    [['constructor', 'toString', 'hasOwnProperty'], { constructor: '0', toString: '1', hasOwnProperty: '2' }],
  ] as [string[], object][]) {
    test(`${names.join(', ')} are ${JSON.stringify(made)}`, () => {
      assert.deepEqual(plain(fieldsOf(names)), made)
    })
  }

  for (const name of [
    '__proto__',
    '__proto__[x]',
    '__proto__[]',
    'a[__proto__]',
    'a[__proto__][x]',
    'constructor[prototype][x]',
    'a[constructor][x]',
    'prototype[x]',
    'a[50]',
    'a[99999999]',
    'a[4294967294]',
    `a[${'9'.repeat(100)}]`,
    `a${'[b]'.repeat(11)}`,
  ]) {
    test(`M1, M3 ${name.slice(0, 40)} is refused`, () => {
      assert.throws(() => fieldsOf([name]), { code: 'malformed_multipart' })
    })
  }

  test('are objects without a prototype, as is all that they hold', () => {
    const { a } = fieldsOf(['a[b][c]'])
    assert.equal(Object.getPrototypeOf(a), null)
    assert.equal(Object.getPrototypeOf((a as Fields).b), null)
    assert.equal(({} as { x?: string }).x, undefined)
  })
})
