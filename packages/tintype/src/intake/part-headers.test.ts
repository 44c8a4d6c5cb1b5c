import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parsePartHeaders } from './part-headers.ts'

const parse = (disposition: string, more = '') =>
  parsePartHeaders(`\r\nContent-Disposition: ${disposition}${more}`)

describe('the headers of a part', () => {
  for (const [disposition, filename] of [
    ['form-data; name="file"; filename="a.jpg"', 'a.jpg'],
    ['form-data; filename="a.jpg"; name="file"', 'a.jpg'],
    ['FORM-DATA;NAME=file;FILENAME=a.jpg', 'a.jpg'],
    ['form-data; name="file"; filename=two words.jpg', 'two words.jpg'],
    ['form-data; name="file"; filename=""', ''],
    ['form-data; name="file"; filename=', ''],
    ['form-data; name="file"', undefined],
    // As curl writes them.
    [String.raw`form-data; name="file"; filename="a \"b\" \\c.jpg"`, String.raw`a "b" \c.jpg`],
    // As browsers do.
    ['form-data; name="file"; filename="a %22b%22.jpg"', 'a %22b%22.jpg'],
    [String.raw`form-data; name="file"; filename="C:\photos\a.jpg"`, String.raw`C:\photos\a.jpg`],
    ['form-data; name="file"; filename="a;b=c, 🐧 é.jpg"', 'a;b=c, 🐧 é.jpg'],
    ['form-data; name="file"; filename="plain.jpg"; filename*=UTF-8\'\'%e2%82%ac%20.jpg', '€ .jpg'],
    ['form-data; name="file"; filename*=iso-8859-1\'en\'%e9.jpg', 'é.jpg'],
    ['form-data; name="file"; filename="plain.jpg"; filename*=klingon\'\'x', 'plain.jpg'],
    ['form-data; name="file"; filename="a.jpg"; size=3', 'a.jpg'],
  ] as const) {
    test(`${disposition} is the file ${filename}`, () => {
      const { name, filename: found } = parse(disposition)
      assert.deepEqual([name, found], ['file', filename])
    })
  }

  test('may go over several lines, in any order and case', () => {
    const headers = parsePartHeaders(
      '\r\nX-Other: 1\r\ncontent-type: text/plain; charset="ISO-8859-1"\r\nCONTENT-DISPOSITION: form-data;\r\n\tname="a"',
    )
    assert.deepEqual(headers, { name: 'a', filename: undefined, charset: 'ISO-8859-1' })
  })

  for (const [what, text] of [
    ['no header at all', '\r\n'],
    ['no disposition', '\r\nContent-Type: image/jpeg'],
    ['another disposition', '\r\nContent-Disposition: attachment; name="file"'],
    ['no name', '\r\nContent-Disposition: form-data; filename="a.jpg"'],
    ['an empty name', '\r\nContent-Disposition: form-data; name=""; filename="a.jpg"'],
    ['a quote that never ends', '\r\nContent-Disposition: form-data; name="file'],
    ['something behind a quote', '\r\nContent-Disposition: form-data; name="file"x'],
    ['a line without a colon', '\r\nContent-Disposition: form-data; name="file"\r\nhello'],
    [
      'two dispositions',
      '\r\nContent-Disposition: form-data; name="a"\r\nContent-disposition: form-data; name="b"',
    ],
  ] as const) {
    test(`with ${what} are malformed`, () => {
      assert.throws(() => parsePartHeaders(text), { code: 'malformed_multipart' })
    })
  }
})
