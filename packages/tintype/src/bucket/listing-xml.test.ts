import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readObjects } from './listing-xml.ts'

const page = (contents: string, encoding = '<EncodingType>url</EncodingType>') =>
  `<?xml version="1.0"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${encoding}
  <Name>photos</Name><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`
const object = (key: string, size: string | number = 7) => `<Contents><Key>${key}</Key>
  <LastModified>2026-01-02T03:04:05.678Z</LastModified><ETag>&quot;abc&quot;</ETag><Size>${size}</Size></Contents>`

test('objects in their order, with size and time', () => {
  assert.deepEqual(readObjects(page(object('media/a') + object('media/b', 5_000_000_000_000))), [
    { key: 'media/a', bytes: 7, modified: Date.UTC(2026, 0, 2, 3, 4, 5, 678) },
    { key: 'media/b', bytes: 5_000_000_000_000, modified: Date.UTC(2026, 0, 2, 3, 4, 5, 678) },
  ])
  assert.deepEqual(readObjects(page('')), [])
})

test('keys are decoded as S3 encodes them: a plus is a space, the rest is percent-encoded', () => {
  const keys = readObjects(page(object('a+b%2Bc%26%3CKey%3E') + object('%F0%9F%98%80'))).map((one) => one.key)
  assert.deepEqual(keys, ['a b+c&<Key>', '\u{1f600}'])
})

test('where a service does not encode keys, entities are characters and a plus is a plus', () => {
  const [one] = readObjects(page(object('a+b&amp;amp;&lt;&#x1F600;&#233;%41'), ''))
  assert.equal(one?.key, 'a+b&amp;<\u{1f600}é%41')
})

test('what is no listing is an error, never an empty bucket', () => {
  assert.throws(() => readObjects('<html>Service temporarily unavailable</html>'), /something else/)
  assert.throws(() => readObjects(page('<Contents><Size>1</Size></Contents>')), /without its Key/)
  assert.throws(() => readObjects(page(object('a', ''))), /Size/)
})
