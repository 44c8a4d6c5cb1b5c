import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { fuzz } from '../../../../../test/support/fuzz.ts'
import { createMultipartParser } from './multipart-parser.ts'

interface Part {
  name: string
  filename: string | undefined
  content: string
}

/** What a body says, when it comes in pieces that end at these places. */
function parse(body: string, cuts: number[] = [], boundary = 'XbX'): Part[] {
  const parser = createMultipartParser(boundary)
  const parts: (Part & { chunks: Buffer[] })[] = []
  const bytes = Buffer.from(body, 'latin1')
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  let start = 0
  for (const end of ends) {
    // Each in memory of its own, that is overwritten afterwards as the server's is freed.
    const chunk = Buffer.from(bytes.subarray(start, end))
    start = end
    for (const event of parser.push(chunk)) {
      if (event.type === 'part') parts.push({ ...event, content: '', chunks: [] })
      else if (event.type === 'data') parts.at(-1)?.chunks.push(Buffer.from(event.bytes))
    }
    chunk.fill('?')
  }
  parser.finish()
  return parts.map(({ name, filename, chunks }) => {
    return { name, filename, content: Buffer.concat(chunks).toString('latin1') }
  })
}

const part = (disposition: string, content: string) =>
  `--XbX\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`
const end = '--XbX--\r\n'
const file = (content: string) => part('name="file"; filename="a.jpg"', content)

describe('a multipart body', () => {
  test('is what was sent, in whatever pieces it comes', () => {
    // Pieces of what could be taken for a boundary.
    const content = fc
      .array(fc.constantFrom('\r\n--XbX', '\r\n--Xb', '\r', '\n', '-', '--', 'X', 'b', '\r\n', 'photo', '\0'))
      // No sender has its boundary at the beginning of a line of its content, the first one included.
      .map((pieces) => pieces.join('').replaceAll(/(^|\r\n)--XbX/g, '$1--Xb_'))
    const parts = fc.array(content, { minLength: 1, maxLength: 4 })
    const cuts = fc.array(fc.nat(), { maxLength: 30 })
    fc.assert(
      fc.property(parts, cuts, (contents, cuts) => {
        const body = contents.map(file).join('') + end
        assert.deepEqual(
          parse(body, cuts).map((one) => one.content),
          contents,
        )
      }),
      fuzz(2000),
    )
  })

  test('is the same byte by byte', () => {
    const body = `preamble\r\n${file('-XbX\r\n\r\n--Xbb')}${part('name="caption"', '')}${end}epilogue`
    const every = Array.from(body, (_, index) => index)
    assert.deepEqual(parse(body, every), parse(body))
    assert.deepEqual(
      parse(body).map((one) => [one.name, one.filename, one.content]),
      [
        ['file', 'a.jpg', '-XbX\r\n\r\n--Xbb'],
        ['caption', undefined, ''],
      ],
    )
  })

  test('may have headers up to 8 KiB, whatever pieces they come in', () => {
    const name = 'x'.repeat(8 * 1024 - Buffer.byteLength('\r\nContent-Disposition: form-data; name=""'))
    const body = part(`name="${name}"`, '1') + end
    for (const size of [1, 7, 100_000]) {
      const cuts = Array.from({ length: Math.ceil(body.length / size) }, (_, index) => index * size)
      assert.deepEqual(parse(body, cuts), [{ name, filename: undefined, content: '1' }])
    }
  })

  test('may have text before its first boundary and after its last, and blanks behind a boundary', () => {
    const body = `hello\r\n--XbX \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XbX--\r\n--XbX\r\n\r\n`
    assert.deepEqual(parse(body), [{ name: 'a', filename: undefined, content: '1' }])
  })

  test('may have a part without content that saves its second line break, and the next part is whole', () => {
    const empty = '--XbX\r\nContent-Disposition: form-data; name="empty"\r\n\r\n'
    const body = `${empty}${file('photo')}${empty}${end}`
    for (const cuts of [[], Array.from(body, (_, index) => index)]) {
      assert.deepEqual(
        parse(body, cuts).map((one) => [one.name, one.content]),
        [
          ['empty', ''],
          ['file', 'photo'],
          ['empty', ''],
        ],
      )
    }
  })

  test('may have contents that begin like a boundary', () => {
    for (const content of ['-', '--', '--X', '--Xb', '--XbY', '\r\n--Xb', '\r', '\r\n']) {
      for (const cuts of [[], Array.from({ length: 200 }, (_, index) => index)])
        assert.equal(parse(file(content) + end, cuts)[0]?.content, content)
    }
  })

  for (const [what, body] of [
    ['nothing', ''],
    [
      'a boundary among its headers',
      `--XbX\r\nContent-Disposition: form-data; name=a\r\n--XbX: x\r\n\r\n1\r\n${end}`,
    ],
    ['a part without a blank line', '--XbX\r\nContent-Disposition: form-data; name=a\r\n--XbX--\r\n'],
    ['no boundary', 'hello'],
    ['no last boundary', file('x')],
    ['a part that is cut off', file('x').slice(0, -10)],
    ['headers that are cut off', '--XbX\r\nContent-Dispo'],
    ['a last boundary that lacks a dash', `${file('x')}--XbX-`],
    ['line breaks without carriage returns', (file('x') + end).replaceAll('\r', '')],
    ['text behind a boundary', `--XbXtra\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n${end}`],
    ['much text before its first boundary', `${'x'.repeat(66_000)}\r\n${file('x')}${end}`],
    ['much text behind its last boundary', file('x') + end + 'x'.repeat(66_000)],
    ['headers without end', `--XbX\r\nX: ${'x'.repeat(9_000)}`],
    ['headers of 9 kB', `--XbX\r\nX: ${'x'.repeat(9_000)}\r\n\r\n\r\n${end}`],
  ] as const) {
    test(`with ${what} is malformed`, () => {
      for (const cuts of [[], [10], [body.length - 1, 1]]) {
        assert.throws(() => parse(body, cuts), { code: 'malformed_multipart' })
      }
    })
  }
})
