import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareBytes, listPage, type Page, successor } from './listing.ts'

const key = fc.string({
  unit: fc.constantFrom('a', 'b', '/', '-', '\uffee', '\u{10000}', '\u{10ffff}', '\0'),
  maxLength: 6,
})

test('successor is the least text after all that start so', () => {
  assert.equal(successor('a/'), 'a0')
  assert.equal(successor('a\u{10ffff}'), 'b')
  assert.equal(successor('\ud7ff'), '\ue000')
  assert.equal(successor('\u{10ffff}'), undefined)
  fc.assert(
    fc.property(key, key, (prefix, rest) => {
      const next = successor(prefix)
      if (next !== undefined) assert.ok(compareBytes(prefix + rest, next) < 0)
    }),
  )
})

test('the pages of a listing are what sorting and rolling up all keys gives', () => {
  const inputs = fc.record({
    keys: fc.uniqueArray(
      key.filter((text) => text !== ''),
      { maxLength: 40 },
    ),
    prefix: fc.constantFrom('', 'a', 'a/', '/', 'b-'),
    delimiter: fc.constantFrom('', '/', '-', 'a/'),
    after: fc.oneof(fc.constant(''), key),
    max: fc.integer({ min: 1, max: 5 }),
  })
  fc.assert(
    fc.property(inputs, ({ keys, prefix, delimiter, after, max }) => {
      const sorted = keys.toSorted(compareBytes)
      const scan = (from: string) =>
        sorted.filter((each) => compareBytes(each, from) >= 0).map((each) => ({ key: each }))
      const seen: string[] = []
      let next: string | undefined = after
      while (next !== undefined) {
        const page: Page<{ key: string }> = listPage(scan, { prefix, delimiter, after: next, max })
        const items = [...page.rows.map((row) => row.key), ...page.prefixes].toSorted(compareBytes)
        assert.ok(items.length === max || page.next === undefined)
        if (page.next !== undefined) assert.equal(page.next, items.at(-1))
        seen.push(...items)
        next = page.next
      }
      const expected = sorted
        .filter((each) => each.startsWith(prefix))
        .map((each) => {
          const at = delimiter === '' ? -1 : each.indexOf(delimiter, prefix.length)
          return at < 0 ? each : each.slice(0, at + delimiter.length)
        })
        .filter((item) => after === '' || compareBytes(item, after) > 0)
      assert.deepEqual(seen, [...new Set(expected)])
    }),
  )
})

test('rolling up reads one row for each prefix, however many keys are under it', () => {
  let read = 0
  const scan = function* (from: string) {
    for (let i = 0; i < 10_000; i++) {
      const row = { key: `${Math.floor(i / 1000)}/${String(i).padStart(5, '0')}` }
      if (compareBytes(row.key, from) < 0) continue
      read++
      yield row
    }
  }
  const page = listPage(scan, { prefix: '', delimiter: '/', after: '', max: 1000 })
  assert.equal(page.prefixes.length, 10)
  assert.equal(read, 10)
})
