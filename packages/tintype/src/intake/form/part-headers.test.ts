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
    [String.raw`form-data; name="file"; filename="a \"b\""`, 'a "b"'],
    [String.raw`form-data; name="file"; filename="a\"; x=\"b.jpg"`, 'a"; x="b.jpg'],
    [String.raw`form-data; name="file"; filename="a %22 \".jpg"`, 'a %22 ".jpg'],
    // As browsers do.
    ['form-data; name="file"; filename="a %22b%22.jpg"', 'a "b".jpg'],
    ['form-data; name="file"; filename="a%0D%0ab.jpg"', 'a\r\nb.jpg'],
    ['form-data; name="file"; filename="100% %25 %20 %2 %2f %.jpg"', '100% %25 %20 %2 %2f %.jpg'],
    [String.raw`form-data; name="file"; filename="a\"`, 'a\\'],
    [String.raw`form-data; filename="a\"; name="file"`, 'a\\'],
    [String.raw`form-data; name="file"; filename="\\server\a.jpg"`, String.raw`\\server\a.jpg`],
    // As .NET does, which writes an encoded word beside it.
    ['form-data; name=file; filename="=?utf-8?B?w6kuanBn?="; filename*=utf-8\'\'%C3%A9.jpg', 'é.jpg'],
    ['form-data; name="file"; filename*=utf-8\'\'é.jpg', ''],
    // Nothing between two semicolons, as RFC 9110 allows.
    ['form-data;; name="file"; filename="a.jpg";', 'a.jpg'],
    ['form-data; name="file"; xfilename="b.jpg"; x="filename=c.jpg"; filename="a.jpg"', 'a.jpg'],
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
    assert.deepEqual(headers, {
      name: 'a',
      filename: undefined,
      contentType: 'text/plain',
      charset: 'ISO-8859-1',
    })
  })

  test('may hold what a form has no use for, twice or not', () => {
    const other =
      '\r\nX-Other: "\\\r\nX-Other: ;;\r\nContent-Length: 3\r\nContent-Length: 4\r\nContent-Encoding: gzip'
    const { name } = parsePartHeaders(`${other}\r\nContent-Disposition: form-data; name=file${other}`)
    assert.equal(name, 'file')
  })

  test('may name their field in percent encoding, as aiohttp does', () => {
    assert.equal(parse("form-data; name*=utf-8''f%C3%B6to").name, 'föto')
  })

  for (const contentType of ['', 'image/jpeg', 'image/jpeg; x', 'text/plain; charset', '; charset=']) {
    test(`with Content-Type: ${contentType} claim no charset`, () => {
      assert.ok(!parse('form-data; name=file', `\r\nContent-Type: ${contentType}`).charset)
    })
  }

  test('that say base64 are refused, those that say binary are not', () => {
    const encoded = (encoding: string) =>
      parse('form-data; name=file', `\r\nContent-Transfer-Encoding: ${encoding}`)
    for (const encoding of ['base64', ' Quoted-Printable '])
      assert.throws(() => encoded(encoding), { code: 'unsupported_body' })
    for (const encoding of ['binary', '8bit', '7bit', '']) assert.equal(encoded(encoding).name, 'file')
  })

  for (const [what, text] of [
    ['a bare carriage return', '\r\nContent-Disposition: form-data; name="fi\rle"'],
    ['a bare line feed', '\r\nContent-Disposition: form-data; name="file"\nX: y'],
    ['NUL', '\r\nContent-Disposition: form-data; name="file"; filename="a\0.jpg"'],
    ['NUL in a header that is ignored', '\r\nX: \0\r\nContent-Disposition: form-data; name="file"'],
    ['two names', '\r\nContent-Disposition: form-data; name="a"; NAME="b"'],
    ['two file names', '\r\nContent-Disposition: form-data; name="a"; filename="a"; filename="a"'],
    [
      'two content types',
      '\r\nContent-Type: text/plain\r\ncontent-type: text/plain\r\nContent-Disposition: form-data; name=a',
    ],
    [
      'two charsets',
      '\r\nContent-Type: text/plain; charset=a; charset=b\r\nContent-Disposition: form-data; name=a',
    ],
    ['a disposition that only begins like the right one', '\r\nContent-Disposition: form-datax; name=a'],
    [
      'a quote that nobody has escaped',
      '\r\nContent-Disposition: form-data; name="a"; filename="5" print.jpg"',
    ],
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
