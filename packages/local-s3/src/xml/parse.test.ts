import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { S3Error } from '../errors.ts'
import { children, createXmlReader, parseXml, text, texts } from './parse.ts'

const keyOf = (xml: string) => {
  const [object] = children(parseXml(xml, 'Delete'), 'Object')
  return object && text(object, 'Key')
}
const withKey = (key: string) => `<Delete><Object><Key>${key}</Key></Object></Delete>`
const malformed = (xml: string) =>
  assert.throws(
    () => parseXml(xml, 'Delete'),
    (error) => error instanceof S3Error && error.code === 'MalformedXML',
    xml.slice(0, 80),
  )

describe('XML of requests', () => {
  test('a key is the characters that XML says it is, whichever way they are written', () => {
    assert.equal(keyOf(withKey('a &amp; b &lt;c&gt;')), 'a & b <c>')
    assert.equal(keyOf(withKey('<![CDATA[a &amp; <b>]]>')), 'a &amp; <b>')
    assert.equal(keyOf(withKey('a<![CDATA[/]]>b<!-- not this -->c')), 'a/bc')
    assert.equal(keyOf(withKey('&#x1F4F7;&#128247;')), '📷📷')
    assert.equal(keyOf(withKey(' a&#13;&#10;b ')), ' a\r\nb ')
  })

  test('a character that XML does not have is refused, and not another key', () => {
    for (const reference of [
      '&#xD800;',
      '&#xFFFE;',
      '&#0;',
      '&#x110000;',
      '&#99999999999;',
      '&nbsp;',
      '&',
      '&#x;',
    ])
      malformed(withKey(reference))
    malformed(withKey('\u0001'))
  })

  test('namespace prefixes do not matter, other roots and document types do', () => {
    assert.equal(keyOf(`<s3:Delete xmlns:s3="x"><s3:Object><s3:Key>a</s3:Key></s3:Object></s3:Delete>`), 'a')
    malformed('<Other/>')
    malformed(`<!DOCTYPE Delete>${withKey('a')}`)
    malformed(`<?xml version="1.0" encoding="UTF-16"?>${withKey('a')}`)
    malformed(`${withKey('a')}${withKey('b')}`)
    assert.equal(keyOf(`\uFEFF<?xml version="1.0" encoding="utf-8"?>\n${withKey('a')}\n`), 'a')
  })

  test('elements may be called as something that every object has', () => {
    const root = parseXml('<Delete><constructor>a</constructor><__proto__>b</__proto__></Delete>', 'Delete')
    assert.deepEqual([texts(root, 'constructor'), texts(root, '__proto__')], [['a'], ['b']])
    assert.deepEqual(texts(root, 'toString'), [])
    malformed('<constructor/>')
  })

  test('depth and number of elements are bounded', () => {
    malformed(`<Delete>${'<a>'.repeat(100)}${'</a>'.repeat(100)}</Delete>`)
    malformed(`<Delete>${'<a/>'.repeat(100_001)}</Delete>`)
  })

  test('it does not matter how the text was cut', () => {
    const xml = withKey('a&amp;<![CDATA[b]]>&#x1F4F7;')
    const reader = createXmlReader('Delete')
    for (const character of xml) reader.push(character)
    assert.deepEqual(reader.finish(), parseXml(xml, 'Delete'))
  })
})
