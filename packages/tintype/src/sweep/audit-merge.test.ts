import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeByKey, pairByKey } from './audit-merge.ts'

async function* pages(...all: string[][]): AsyncGenerator<{ key: string }[]> {
  for (const page of all) yield page.map((key) => ({ key }))
}
async function pairs(left: string[][], right: string[][], size = 100): Promise<string[]> {
  const found: string[] = []
  for await (const page of pairByKey(pages(...left), pages(...right), size)) {
    assert.ok(page.length <= size)
    for (const [a, b] of page) found.push(`${a?.key ?? '-'} ${b?.key ?? '-'}`)
  }
  return found
}

test('each key once, with what either side has for it, whatever the pages', async () => {
  const expected = ['a a', 'b -', '- c', 'd d', '- e']
  assert.deepEqual(await pairs([['a', 'b', 'd']], [['a', 'c', 'd', 'e']]), expected)
  assert.deepEqual(await pairs([['a'], [], ['b'], ['d'], []], [[], ['a', 'c'], ['d'], ['e']]), expected)
  assert.deepEqual(
    await pairs(
      [['a', 'b'], ['d']],
      [
        ['a', 'c'],
        ['d', 'e'],
      ],
      1,
    ),
    expected,
  )
  assert.deepEqual(await pairs([], []), [])
  assert.deepEqual(await pairs([[], ['a']], []), ['a -'])
})

test('the order is that of bytes, not of UTF-16', async () => {
  assert.deepEqual(await pairs([['\uff5e', '\u{1f600}']], [['\u{1f600}']]), [
    '\uff5e -',
    '\u{1f600} \u{1f600}',
  ])
})

test('another order is an error: nothing that was compared on the way would hold', async () => {
  await assert.rejects(pairs([['b', 'a']], []), /a came after b/)
  await assert.rejects(pairs([['b'], ['a']], [['c']]), /a came after b/)
  await assert.rejects(pairs([], [['a', 'a']]), /a came after a/)
})

test('two sequences become one', async () => {
  const merged: string[] = []
  for await (const page of mergeByKey(pages(['a', 'd']), pages(['b'], ['c', 'e']), 2)) {
    merged.push(...page.map((one) => one.key))
  }
  assert.deepEqual(merged, ['a', 'b', 'c', 'd', 'e'])
})
