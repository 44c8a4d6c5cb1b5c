import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listObjects } from './list-objects.ts'

const page = (contents: string, encoding = '<EncodingType>url</EncodingType>') =>
  `<?xml version="1.0"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${encoding}
  <Name>photos</Name><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`
const object = (key: string, size: string | number = 7) => `<Contents><Key>${key}</Key>
  <LastModified>2026-01-02T03:04:05.678Z</LastModified><ETag>&quot;abc&quot;</ETag><Size>${size}</Size></Contents>`

/** Of one page that S3 answers so. */
async function list(xml: string, after?: string) {
  const answer = { status: 200, headers: {}, body: Buffer.from(xml) }
  return listObjects({ send: async () => answer }, { prefix: 'media/', most: 1000, after })
}
const objectsIn = async (xml: string) => (await list(xml)).objects

test('objects in their order, with size and time', async () => {
  assert.deepEqual(await objectsIn(page(object('media/a') + object('media/b', 5_000_000_000_000))), [
    { key: 'media/a', bytes: 7, modified: Date.UTC(2026, 0, 2, 3, 4, 5, 678) },
    { key: 'media/b', bytes: 5_000_000_000_000, modified: Date.UTC(2026, 0, 2, 3, 4, 5, 678) },
  ])
  assert.deepEqual(await objectsIn(page('')), [])
})

test('keys are decoded as S3 encodes them: a plus is a space, the rest is percent-encoded', async () => {
  const found = await objectsIn(page(object('a+b%2Bc%26%3CKey%3E') + object('%F0%9F%98%80')))
  assert.deepEqual(
    found.map((one) => one.key),
    ['a b+c&<Key>', '\u{1f600}'],
  )
})

test('where a service does not encode keys, entities are characters and a plus is a plus', async () => {
  const [one] = await objectsIn(page(object('a+b&amp;amp;&lt;&#x1F600;&#233;%41<![CDATA[&]]>'), ''))
  assert.equal(one?.key, 'a+b&amp;<\u{1f600}é%41&')
})

test('a page that is not the last says how to go on, and never in a circle', async () => {
  const truncated = page(object('media/a')).replace(
    '<IsTruncated>false</IsTruncated>',
    '<IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b</NextContinuationToken>',
  )
  assert.equal((await list(truncated)).next, 'a&b')
  await assert.rejects(list(truncated, 'a&b'), /circle/)
  await assert.rejects(list(truncated.replace(/<Next.*Token>/, '')), /how the listing goes on/)
})

test('an error with status 200 is that error', async () => {
  await assert.rejects(list('<Error><Code>SlowDown</Code><Message>Reduce.</Message></Error>'), {
    name: 'SlowDown',
    status: 200,
  })
})

for (const [what, xml] of [
  ['a page of a gateway', '<html>Service temporarily unavailable</html>'],
  ['nothing', ''],
  ['half of it', page(object('a')).slice(0, -20)],
  ['a key that is missing', page('<Contents><Size>1</Size></Contents>')],
  ['a size that is no number', page(object('a', '1e9'))],
  ['a size that is missing', page(object('a', ''))],
  ['two keys of one object', page(object('a</Key><Key>b'))],
  ['elements in a key', page(object('a<b>c</b>'))],
  [
    'a document type',
    page('').replace('<ListBucketResult', '<!DOCTYPE x [<!ENTITY a "b">]><ListBucketResult'),
  ],
  ['an unknown entity', page(object('a&b;'))],
  ['something after its end', `${page('')}<ListBucketResult/>`],
  ['a listing inside another document', `<a>${page('').replace(/^.*\n/, '')}</a>`],
  ['a page without end', page('<Contents/>'.repeat(10_001))],
  ['a depth without end', page(`${'<a>'.repeat(50)}${'</a>'.repeat(50)}`)],
] as const) {
  test(`${what} is an error, never a shorter listing`, async () => {
    await assert.rejects(list(xml), { name: 'UnreadableAnswer' })
  })
}
