import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { createQuerySigner } from './sign.ts'
import { contentDisposition, createViewUrl } from './view-url.ts'

const credentials = { accessKeyId: 'AKIA/1', secretAccessKey: 'secret', sessionToken: 't+/=' }
const name = 'größer 100% "x" (1).jpg'

for (const endpoint of ['http://localhost:9000/s3', undefined]) {
  test(`a view URL is what the SDK's presigner makes, on ${endpoint ?? 'AWS'}`, async () => {
    const now = Date.UTC(2026, 10, 21, 9, 30)
    const bucket = 'photos'
    const signer = createQuerySigner({
      bucket,
      region: 'eu-west-1',
      endpoint,
      credentials: async () => credentials,
    })
    const ours = await createViewUrl(signer, { ttl: 3600, now: () => now })("media/a b'/x.jpg", {
      type: 'image/jpeg',
      name,
    })
    const client = new S3Client({
      region: 'eu-west-1',
      credentials,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      ...(endpoint ? { endpoint, forcePathStyle: true } : {}),
    })
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: "media/a b'/x.jpg",
      ResponseContentType: 'image/jpeg',
      ResponseContentDisposition: contentDisposition('inline', name),
      ResponseCacheControl: 'private, max-age=3600, immutable',
    })
    const theirs = await getSignedUrl(client, command, { expiresIn: 3600, signingDate: signedAt(ours) })
    const parts = (text: string) => {
      const url = new URL(text)
      return [url.origin, url.pathname, ...url.search.slice(1).split('&').sort()]
    }
    assert.deepEqual(parts(ours), parts(theirs))
  })
}

function signedAt(url: string): Date {
  const date = new URL(url).searchParams.get('X-Amz-Date') ?? ''
  return new Date(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'))
}

test('view URLs are the same within a window of half their life, and another afterwards', async () => {
  let now = Date.UTC(2026, 0, 1)
  const signer = createQuerySigner({
    bucket: 'b',
    region: 'r',
    endpoint: 'http://s3.test',
    credentials: async () => credentials,
  })
  const viewUrl = createViewUrl(signer, { ttl: 3600, now: () => now })
  const ends = new Set<number>()
  for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
    const url = () => viewUrl(key, { type: 'image/png', name: 'k.png' })
    const begun = signedAt(await url()).getTime()
    assert.ok(begun <= now && now < begun + 1_800_000)
    now = begun
    const first = await url()
    now = begun + 1_799_999
    assert.equal(await url(), first)
    now += 1
    assert.notEqual(await url(), first)
    ends.add(now % 1_800_000)
  }
  // Not all at once: eight objects have eight moments.
  assert.equal(ends.size, 8)
})

test('an object that is asked for again at once has the same URL, unsigned anew; new credentials count within seconds', async () => {
  let now = Date.UTC(2026, 0, 1)
  let accessKeyId = 'OLD'
  const signer = createQuerySigner({
    bucket: 'b',
    region: 'r',
    endpoint: 'http://s3.test',
    credentials: async () => ({ accessKeyId, secretAccessKey: 'secret' }),
  })
  const viewUrl = createViewUrl(signer, { ttl: 3600, now: () => now })
  const url = (key: string, download = false) => viewUrl(key, { type: 'image/png', name: 'k.png', download })
  const first = await url('a')
  assert.notEqual(await url('b'), first)
  assert.notEqual(await url('a', true), first)
  accessKeyId = 'NEW'
  assert.equal(await url('a'), first)
  now += 5000
  assert.match(await url('a'), /Credential=NEW/)
})

test('a file name can add nothing to the disposition header', () => {
  const header = contentDisposition('attachment', 'a\r\nSet-Cookie: x"; \\%.jpg')
  assert.match(header, /^attachment; filename="[ -~]*"; filename\*=UTF-8''[\w.~%-]+$/)
  assert.equal(header.match(/"/g)?.length, 2)
})
