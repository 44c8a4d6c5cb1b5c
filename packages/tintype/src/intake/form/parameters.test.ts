import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { fuzz } from '../../../../../test/support/fuzz.ts'
import { parseParameters } from './parameters.ts'

describe('the parameters of a header', () => {
  for (const [text, found] of [
    ['', []],
    ['; a=b', [['a', 'b']]],
    [
      ' ;\tA = "b" ;; c=d e ;',
      [
        ['a', 'b'],
        ['c', 'd e'],
      ],
    ],
    [
      '; a="b; c=d"; c="\\"\\\\"',
      [
        ['a', 'b; c=d'],
        ['c', '"\\'],
      ],
    ],
    [
      '; a=b; a=c',
      [
        ['a', 'b'],
        ['a', 'c'],
      ],
    ],
    ['; a=b=c', [['a', 'b=c']]],
    ['a=b', undefined],
    ['; a', undefined],
    ['; a="b', undefined],
    ['; a="b"c', undefined],
    ['; a=b"c"', undefined],
    ['; ä=b', undefined],
  ] as const) {
    test(`${text} are ${JSON.stringify(found)}`, () => {
      assert.deepEqual(
        parseParameters(text, 'escaped')?.map(({ name, value }) => [name, value]),
        found,
      )
    })
  }

  test('that are quoted come back, whatever they hold', () => {
    const pairs = fc.array(fc.tuple(fc.constantFrom('a', 'b-c', 'filename*'), fc.string({ unit: 'binary' })))
    const blank = fc.constantFrom('', ' ', '\t ')
    fc.assert(
      fc.property(pairs, blank, (pairs, blank) => {
        const escaped = pairs.map(([name, value]) => `${blank};${name}="${value.replace(/["\\]/g, '\\$&')}"`)
        const read = parseParameters(escaped.join(blank), 'escaped')
        assert.deepEqual(
          read?.map(({ name, value }) => [name, value]),
          pairs,
        )
        const verbatim = pairs.map(([name, value]) => [name, value.replaceAll('"', '')] as const)
        const text = verbatim.map(([name, value]) => `;${blank}${name}="${value}"`).join('')
        assert.deepEqual(
          parseParameters(text, 'verbatim')?.map(({ name, value }) => [name, value]),
          verbatim,
        )
      }),
      fuzz(500),
    )
  })

  test('take time in proportion to their length, also where they are malformed', () => {
    for (const piece of [' ', ';', 'a', 'a=', '; a=b ', '"', '\\', '=', ';a="\\'])
      for (const quoting of ['escaped', 'verbatim'] as const)
        for (const text of [piece.repeat(100_000), `; a=${piece.repeat(100_000)}"x`])
          parseParameters(text, quoting)
  })
})
