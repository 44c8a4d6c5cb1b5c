import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { listObjects } from '../../packages/tintype/src/bucket/list-objects.ts'
import { S3Refusal } from '../../packages/tintype/src/bucket/refusal.ts'
import { fuzz } from '../support/fuzz.ts'

const asText = (text: string) => text.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`)
const encoded = (key: string) => encodeURIComponent(key).replaceAll('%20', '+')
const listed = fc.record(
  {
    key: fc.string({ unit: 'binary', minLength: 1 }).filter((key) => key.isWellFormed()),
    bytes: fc.nat(),
    modified: fc.nat().map((seconds) => seconds * 1000),
  },
  { noNullPrototype: true },
)
const pages = fc.record(
  {
    objects: fc.array(listed, { maxLength: 5 }),
    next: fc.option(fc.stringMatching(/^[\w<>&"' +/=-]{1,20}$/), { nil: undefined }),
  },
  { noNullPrototype: true },
)

function written({
  objects,
  next,
}: {
  objects: { key: string; bytes: number; modified: number }[]
  next?: string | undefined
}) {
  const contents = objects.map(
    ({ key, bytes, modified }) =>
      `<Contents><Key>${encoded(key)}</Key><LastModified>${new Date(modified).toISOString()}</LastModified><Size>${bytes}</Size></Contents>`,
  )
  const more = next === undefined ? '' : `<NextContinuationToken>${asText(next)}</NextContinuationToken>`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${next !== undefined}</IsTruncated>${contents.join('')}${more}</ListBucketResult>`
}

const read = (body: Buffer) =>
  listObjects({ send: async () => ({ status: 200, headers: {}, body }) }, { prefix: '', most: 1000 })

test('a page of a listing is read as it was written', () =>
  fc.assert(
    fc.asyncProperty(pages, async (page) => {
      assert.deepEqual(await read(Buffer.from(written(page))), page)
    }),
    fuzz(300),
  ))

test('a page that is cut off anywhere is an error, never a shorter page', () =>
  fc.assert(
    fc.asyncProperty(pages, fc.nat(), async (page, at) => {
      const whole = Buffer.from(written(page))
      await assert.rejects(read(whole.subarray(0, at % whole.length)))
    }),
    fuzz(300),
  ))

test('a page with a few bytes changed is an error, or has no more objects than before', () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 })
  return fc.assert(
    fc.asyncProperty(pages, changes, async (page, changed) => {
      const bytes = Buffer.from(written(page))
      for (const [at, byte] of changed) bytes[at % bytes.length] = byte
      const { objects } = await read(bytes).catch(() => ({ objects: [] }))
      assert.ok(objects.length <= page.objects.length)
      for (const one of objects) assert.ok(Number.isSafeInteger(one.bytes) && Number.isFinite(one.modified))
    }),
    fuzz(300),
  )
})

test('of whatever answers a request a refusal can be made', () =>
  fc.assert(
    fc.property(
      fc.nat(599),
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string().map((text) => `<Error>${text}</Error>`),
      ),
      (status, text) => {
        const refusal = new S3Refusal({ status, body: Buffer.from(text) })
        assert.ok(refusal.name.length > 0 && refusal.message.length > 0 && refusal.message.length < 700)
      },
    ),
    fuzz(1_000),
  ))
