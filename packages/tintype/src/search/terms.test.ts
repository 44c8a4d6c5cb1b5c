import assert from 'node:assert/strict'
import { test } from 'node:test'
import { termsOf } from './terms.ts'

/** Dates as they are, words in quotes. */
const read = (text: string, languages?: string[]) =>
  termsOf(text, languages).map(({ words, date }) => date ?? `"${words.join(' ')}"`)

test('a year, a month and a day are dates, wherever they stand among words', () => {
  assert.deepEqual(read('2026'), ['2026'])
  assert.deepEqual(read('2026-09'), ['2026-09'])
  assert.deepEqual(read('2026-9-4'), ['2026-09-04'])
  assert.deepEqual(read('lake 2026 sun'), ['"lake"', '2026', '"sun"'])
  assert.deepEqual(read('lake sep 2026'), ['"lake"', '2026-09'])
  assert.deepEqual(read('2025 2026'), ['2025', '2026'])
})

test('months are named in English, in full and in short, before or after the year', () => {
  for (const text of ['September 2026', '2026 september', 'sep 2026', 'Sept. 2026', 'SEPTEMBER, 2026'])
    assert.deepEqual(read(text), ['2026-09'], text)
  for (const text of ['14 September 2026', 'September 14, 2026', '14th of sept 2026', '2026 sep 14'])
    assert.deepEqual(read(text), ['2026-09-14'], text)
})

test('a day needs no year', () => {
  for (const text of ['14 September', 'September 14', 'sep 14', '14th of sept'])
    assert.deepEqual(read(text), ['--09-14'], text)
  assert.deepEqual(read('lake 29 february hut'), ['"lake"', '--02-29', '"hut"'])
  assert.deepEqual(read('31 september'), ['"31"', '--09'])
  assert.deepEqual(read('14'), ['"14"'])
  assert.deepEqual(read('14 may 15 may'), ['--05-14', '"15 may"'])
  assert.deepEqual(read('14. März', ['de']), ['--03-14'])
  assert.deepEqual(read('9月14日', ['ja']), ['--09-14'])
})

test('nor does a month, which is looked for as a word, too', () => {
  for (const text of ['September', 'sep', 'Sept.', '9月']) assert.deepEqual(read(text), ['--09'], text)
  assert.deepEqual(read('lake september hut'), ['"lake"', '--09', '"hut"'])
  assert.deepEqual(read('may june'), ['--05', '"june"'])
  assert.deepEqual(read('mayor'), ['"mayor"'])
  assert.deepEqual(read('märz', ['de']), ['--03'])
  assert.deepEqual(termsOf('May'), [{ words: ['May'], date: '--05' }])
})

test('and in the languages that are given, as they are written there', () => {
  for (const [language, text, date] of [
    ['de', '14. März 2026', '2026-03-14'],
    ['de', 'marz 2026', '2026-03'],
    ['es', '14 de septiembre de 2026', '2026-09-14'],
    ['fr', '1er févr. 2026', '2026-02-01'],
    ['ca', '14 de setembre del 2026', '2026-09-14'],
    ['ru', 'сентябрь 2026 г.', '2026-09'],
    ['ru', '14 сентября 2026', '2026-09-14'],
    ['pl', '14 września 2026', '2026-09-14'],
    ['hu', '2026. szeptember 14.', '2026-09-14'],
    ['ja', '2026年9月14日', '2026-09-14'],
    ['ko', '2026년 9월 14일', '2026-09-14'],
    ['fa', '14 سپتامبر 2026', '2026-09-14'],
    ['hr', 'listopad 2026', '2026-10'],
    ['pl', 'listopad 2026', '2026-11'],
  ] as const)
    assert.deepEqual(read(text, [language]), [date], `${language}: ${text}`)
  assert.deepEqual(read('septembre 2026'), ['"septembre"', '2026'])
  // Of a language that Intl does not know it has the machine's own.
  assert.deepEqual(read('may 2026', ['tlh']), ['2026-05'])
})

test('what is no date remains words', () => {
  assert.deepEqual(read(''), [])
  assert.deepEqual(read('IMG_2026.jpg 20260914'), ['"IMG_2026.jpg"', '"20260914"'])
  assert.deepEqual(read('14 2026'), ['"14"', '2026'])
  assert.deepEqual(read('31 september 2026'), ['"31"', '2026-09'])
  assert.deepEqual(read('29 february 2024 2023-02-29'), ['2024-02-29', '"2023-02-29"'])
  assert.deepEqual(read('2026-13 0999 3000'), ['"2026-13"', '"0999"', '"3000"'])
  assert.deepEqual(read('de 2026 lake', ['es']), ['"de"', '2026', '"lake"'])
})
