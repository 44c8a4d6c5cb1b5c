/** Forms are read as busboy and undici read them, and text fields as Multer; where not, it says here why. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TintypeError } from '../../packages/tintype/src/errors.ts'
import { addField, type Fields, parseFieldName } from '../../packages/tintype/src/intake/form/fields.ts'
import { parsePartHeaders } from '../../packages/tintype/src/intake/form/part-headers.ts'
import {
  bodyByMulter,
  type FoundPart,
  readByBusboy,
  readByTintype,
  readByUndici,
} from '../support/form-parsers.ts'
import { fuzz } from '../support/fuzz.ts'

const boundary = '----WebKitFormBoundaryAb1_XyZ'
const last = `--${boundary}--`

const pieces = (of: string[]) => fc.array(fc.constantFrom(...of), { maxLength: 6 }).map((all) => all.join(''))
const anyName = pieces([
  'a',
  'b',
  'é',
  '🐧',
  ' ',
  '"',
  '\\',
  '\r\n',
  ';',
  '=',
  "'",
  '.jpg',
  '%',
  'filename="',
])
// An empty name is refused here: a field without a name.
const fieldName = anyName.map((name) => name || 'file')
/** What could be taken for a boundary; never one, as senders make sure. */
const content = pieces(['\r\n--', '\r\n', '\r', '\n', '-', '--', '\0', 'photo', boundary.slice(0, -1)])
const headers = fc.constantFrom(
  '',
  '\r\nContent-Type: image/jpeg',
  '\r\nContent-Type: text/plain',
  '\r\nX-Y: 1\r\nX-Y: 2\r\nContent-Length: 3',
)
const part = fc.record({
  name: fieldName,
  filename: fc.option(anyName, { nil: undefined }),
  content,
  headers,
})
const parts = fc.array(part, { minLength: 1, maxLength: 4 })
const cuts = fc.array(fc.nat(), { maxLength: 20 })

/** As the browsers write names. */
const percent = (name: string) => name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
/** As `curl --form-escape` and Go do. */
const backslashes = (name: string) => name.replace(/["\\]/g, '\\$&')

type Sent = FoundPart & { headers: string }

function write(parts: Sent[], quote: (name: string) => string): Buffer {
  const all = parts.map(({ name, filename, content, headers }) => {
    const file = filename === undefined ? '' : `; filename="${quote(filename)}"`
    return `--${boundary}\r\nContent-Disposition: form-data; name="${quote(name)}"${file}${headers}\r\n\r\n${content}\r\n`
  })
  return Buffer.from(`${all.join('')}--${boundary}--\r\n`)
}
const plain = (parts: FoundPart[]) =>
  parts.map(({ name, filename, content }) => ({ name, filename, content }))

test('what browsers send is what they meant, as for undici and busboy', async () => {
  await fc.assert(
    fc.asyncProperty(parts, cuts, async (sent, cuts) => {
      const body = write(sent, percent)
      const ours = readByTintype(body, boundary, cuts)
      assert.deepEqual(ours, plain(sent))
      assert.deepEqual(await readByUndici(body, boundary), ours)
      // busboy takes a backslash for an escape, browsers or not: with one before the closing quote it leaves the
      // part out without a word, of two it drops one. And it leaves %22, %0D and %0A to its callers.
      const escapesQuote = (name = '') => /(?<!\\)(\\\\)*\\$/.test(name)
      const readable = sent.filter((one) => !escapesQuote(one.name) && !escapesQuote(one.filename))
      const asBusboy = (name: string) => percent(name).replaceAll('\\\\', '\\')
      assert.deepEqual(
        await readByBusboy(body, boundary),
        plain(readable).map(({ name, filename, content }) => ({
          name: asBusboy(name),
          // An empty file name is none to it.
          filename: filename ? asBusboy(filename) : undefined,
          content,
        })),
      )
    }),
    fuzz(400),
  )
})

test('what is sent with backslashes is what was meant, where a quote shows that they are escapes', async () => {
  const name = fieldName.map((name) => name.replaceAll('\r\n', '') || 'file')
  const quoted = fc.record({ name, filename: name, content, headers })
  await fc.assert(
    fc.asyncProperty(fc.array(quoted, { minLength: 1, maxLength: 3 }), cuts, async (sent, cuts) => {
      const body = write(sent, backslashes)
      const theirs = await readByBusboy(body, boundary)
      assert.deepEqual(theirs, plain(sent))
      // Without a quote it may as well be a browser that has sent two backslashes.
      const meant = plain(sent).map((one) => {
        const isClear = `${one.name}${one.filename}`.includes('"')
        return isClear
          ? one
          : { ...one, name: backslashes(one.name), filename: backslashes(one.filename ?? '') }
      })
      assert.deepEqual(readByTintype(body, boundary, cuts), meant)
    }),
    fuzz(300),
  )
})

/** What undici takes and we don't, by the sentence with which we refuse it. */
const stricter = [
  // It goes on behind the first quote that closes a name, whatever stands there.
  'The Content-Disposition of a part is malformed.',
  // Two file names, two types: it takes the last.
  'The Content-Disposition of a part names a parameter twice.',
  // Its boundaries need no line break before them.
  'The multipart body is cut off. Send it again.',
  'A boundary stands inside the headers of a part.',
  'A part of the form has a line break or NUL inside a header.',
  // It takes an empty name, and `form-data; name` with anything for the semicolon.
  'A part of the form has no name.',
  // It knows no folded headers: a blank before a header is part of the boundary's line, by RFC 822.
  'Something stands between a boundary and the end of its line.',
  'A part of the form has a malformed header.',
]

test('a damaged form is refused, or is to undici and busboy what it is here, in whatever pieces it comes', async () => {
  const inserted = pieces([
    '\r',
    '\n',
    '\r\n',
    '\0',
    '-',
    '"',
    '\\',
    ';',
    ' ',
    ':',
    'a',
    '%22',
    `--${boundary}`,
  ])
  const damage = fc.array(fc.record({ at: fc.nat(), removed: fc.nat({ max: 3 }), inserted }), {
    minLength: 1,
    maxLength: 2,
  })
  await fc.assert(
    fc.asyncProperty(parts, damage, cuts, async (sent, damage, cuts) => {
      let body = write(sent, percent)
      for (const { at, removed, inserted } of damage) {
        const start = at % (body.length + 1)
        body = Buffer.concat([body.subarray(0, start), Buffer.from(inserted), body.subarray(start + removed)])
      }
      const ours = attempt(() => readByTintype(body, boundary, cuts))
      assert.deepEqual(
        attempt(() => readByTintype(body, boundary)),
        ours,
      )
      const undici = await readByUndici(body, boundary)
      if (ours instanceof TintypeError) {
        if (undici) assert.ok(stricter.includes(ours.message), ours.message)
        return
      }
      // What stands before the first boundary that begins a line is no part; to undici any boundary will do.
      const hasPreamble = body.indexOf(`--${boundary}`) !== 0
      if (undici && !hasPreamble) assert.deepEqual(undici.map(unescaped), ours.map(decoded).map(unescaped))
      // busboy goes on behind the last boundary, leaves out a part that it can't read, and takes the part that follows
      // one without content for its content. Where it finds as many parts, they are the same.
      if (body.indexOf(last) !== body.lastIndexOf(last)) return
      const busboy = (await readByBusboy(body, boundary)) ?? []
      if (busboy.length === ours.length) assert.deepEqual(busboy.map(unescaped), ours.map(unescaped))
    }),
    fuzz(600),
  )
})

/** As undici gives text: decoded, and encoded again. */
function decoded(part: FoundPart): FoundPart {
  if (part.filename !== undefined) return part
  const text = Buffer.from(part.content, 'latin1').toString('utf8')
  return { ...part, content: Buffer.from(text).toString('latin1') }
}

/** Without what each of them does in its own way to names: escapes, folded lines, and an empty file name. */
function unescaped({ name, filename, content }: FoundPart) {
  return { name: simplest(name), filename: simplest(filename ?? ''), content }
}
const simplest = (name: string) =>
  percent(name).replaceAll('\\', '').replaceAll('%0a', '%0A').replaceAll('%0d', '%0D').replace(/ +/g, ' ')

function attempt<T>(read: () => T): T | TintypeError {
  try {
    return read()
  } catch (error) {
    if (error instanceof TintypeError) return error
    throw error
  }
}

test('text fields are what Multer makes of them', async () => {
  const names = fc.array(
    pieces(['a', 'b', '[]', '[a]', '[b]', '[0]', '[2]', '[', ']', '[a', ' ', 'toString']),
    {
      maxLength: 8,
    },
  )
  await fc.assert(
    fc.asyncProperty(names, async (all) => {
      const names = all.filter((name) => name !== '')
      const sent = names.map((name, index) => ({
        name,
        filename: undefined,
        content: `${index}`,
        headers: '',
      }))
      const fields: Fields = Object.create(null)
      for (const { name, content } of sent) addField(fields, parseFieldName(name), content)
      assert.deepEqual(JSON.parse(JSON.stringify(fields)), await bodyByMulter(write(sent, percent), boundary))
    }),
    fuzz(300),
  )
})

test('headers of a part are read or refused, whatever they are', () => {
  const line = pieces([
    'Content-Disposition: form-data',
    'Content-Type: a/b',
    '; name=',
    '; filename*=',
    "UTF-8''%e2",
  ])
  const odd = pieces([
    '"',
    '\\',
    '"a"',
    ';',
    '=',
    '\r\n',
    '\r',
    '\n',
    ' ',
    '\t',
    ':',
    '\0',
    'é',
    '%',
    "'",
    '*',
  ])
  const text = fc
    .array(fc.oneof(line, odd, fc.string({ unit: 'binary' })))
    .map((all) => `\r\n${all.join('')}`)
  fc.assert(
    fc.property(text, (text) => {
      const read = attempt(() => parsePartHeaders(text))
      if (!(read instanceof TintypeError)) assert.ok(read.name !== '')
    }),
    fuzz(1000),
  )
})
