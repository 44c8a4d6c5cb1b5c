/** What local-s3 reads in XML is what was written, and nothing in it does more than be refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { S3Error } from '../../packages/local-s3/src/errors.ts'
import { document } from '../../packages/local-s3/src/xml/build.ts'
import { children, parseXml, text } from '../../packages/local-s3/src/xml/parse.ts'
import { fuzz } from '../support/fuzz.ts'

/** Characters that XML 1.0 has (section 2.2). */
const character = fc
  .oneof(
    fc.constantFrom('<', '>', '&', '"', "'", ']', '\t', '\n', '\r', ' ', 'ü', '\u{1F4F7}', '\uFFFD'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  )
  .filter((one) => /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]$/u.test(one))

const escaped: Record<string, string> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
}

/** One character, and one of the ways to write it. */
const written = fc
  .tuple(character, fc.constantFrom('plain', 'decimal', 'hex', 'cdata', 'comment'))
  .map(([one, way]) => {
    const code = one.codePointAt(0) as number
    const reference = `&#${code};`
    // A carriage return written as it is would be read as a line feed (section 2.11).
    const plain = one === '\r' ? reference : (escaped[one] ?? one)
    const xml = {
      plain,
      decimal: reference,
      hex: `&#x${code.toString(16)};`,
      cdata: one === '\r' ? reference : `<![CDATA[${one}]]>`,
      comment: `<!-- ${code} -->${plain}`,
    }[way]
    return { one, xml }
  })

const names = ['Delete', 'Object', 'Key', 'constructor', '__proto__', 'x:Key', 'Quiet']
const tokens = fc.constantFrom(
  ...names.flatMap((name) => [`<${name}>`, `</${name}>`, `<${name}/>`]),
  ...['<![CDATA[', ']]>', '<!--', '-->', '<?x ?>', '<!DOCTYPE a>', '&amp;', '&#xD800;', '&'],
  ...['a', ' ', '\0', '"', '='],
)

test('a key reads as it was written, in any mixture of ways', () => {
  fc.assert(
    fc.property(fc.array(written, { maxLength: 30 }), (key) => {
      const xml = `<Delete><Object><Key>${key.map((part) => part.xml).join('')}</Key></Object></Delete>`
      const [object] = children(parseXml(xml, 'Delete'), 'Object')
      assert.equal(object && text(object, 'Key'), key.map((part) => part.one).join(''))
    }),
    fuzz(1000),
  )
})

test('what we write we read', () => {
  fc.assert(
    fc.property(fc.array(character, { maxLength: 30 }), (characters) => {
      const key = characters.join('')
      assert.equal(text(parseXml(document(['R', [['Key', key]]]), 'R'), 'Key'), key)
    }),
    fuzz(500),
  )
})

test('anything else is MalformedXML', () => {
  fc.assert(
    fc.property(fc.array(tokens, { maxLength: 40 }), (parts) => {
      try {
        parseXml(`<Delete>${parts.join('')}</Delete>`, 'Delete')
      } catch (error) {
        assert.ok(error instanceof S3Error && error.code === 'MalformedXML', String(error))
      }
    }),
    fuzz(2000),
  )
})
