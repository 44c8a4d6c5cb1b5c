import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { Bucket, refusal, root, startTestServer, type TestServer } from '../testing/server.ts'
import { type Credentials, hmac, keyFor, timestampOf } from '../testing/sign.ts'

type Condition = Record<string, string> | (string | number)[]

describe('POST of an HTML form', () => {
  let s3: TestServer
  before(async () => {
    s3 = await startTestServer({
      policies: { reader: { Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }] } },
    })
  })
  after(() => s3.close())

  /** The fields of a form that is signed for these conditions. */
  function signedForm(
    conditions: Condition[],
    fields: Record<string, string>,
    {
      credentials = root,
      expires = Date.now() + 60_000,
    }: { credentials?: Credentials; expires?: number } = {},
  ): Record<string, string> {
    const timestamp = timestampOf(Date.now())
    const scope = `${timestamp.slice(0, 8)}/us-east-1/s3/aws4_request`
    const own = {
      'x-amz-algorithm': 'AWS4-HMAC-SHA256',
      'x-amz-credential': `${credentials.accessKeyId}/${scope}`,
      'x-amz-date': timestamp,
    }
    const all = [
      ...conditions,
      { bucket: Bucket },
      ...Object.entries(own).map(([name, value]) => ({ [name]: value })),
    ]
    const policy = Buffer.from(
      JSON.stringify({ expiration: new Date(expires).toISOString(), conditions: all }),
    ).toString('base64')
    const signature = hmac(keyFor(credentials.secretAccessKey, scope), policy).toString('hex')
    return { ...fields, ...own, policy, 'x-amz-signature': signature }
  }

  async function post(fields: Record<string, string>, file: string | null = 'data', name = 'photo.jpg') {
    const form = new FormData()
    for (const [field, value] of Object.entries(fields)) form.append(field, value)
    if (file !== null) form.append('file', new Blob([file]), name)
    const response = await fetch(`${s3.url}/${Bucket}`, { method: 'POST', body: form, redirect: 'manual' })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, code: /<Code>(\w+)</.exec(text)?.[1] }
  }

  const read = async (Key: string) => s3.client.send(new GetObjectCommand({ Bucket, Key }))
  const startsWith: Condition = ['starts-with', '$key', 'user/']

  test('stores the file with the headers and metadata of the form', async () => {
    const fields = {
      key: 'user/one',
      'Content-Type': 'image/jpeg',
      'Cache-Control': 'no-store',
      'x-amz-meta-a': 'b',
    }
    const conditions = [
      startsWith,
      { 'Content-Type': 'image/jpeg' },
      { 'cache-control': 'no-store' },
      { 'x-amz-meta-a': 'b' },
    ]
    const { status, headers } = await post(signedForm(conditions, fields))
    assert.equal(status, 204)
    const { Body, ContentType, CacheControl, Metadata, ETag } = await read('user/one')
    assert.equal(await Body?.transformToString(), 'data')
    assert.deepEqual([ContentType, CacheControl, Metadata], ['image/jpeg', 'no-store', { a: 'b' }])
    assert.equal(headers.get('etag'), ETag)
  })

  test('puts the name of the file into the key', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own spelling
    const fields = { key: 'user/${filename}' }
    assert.equal((await post(signedForm([startsWith], fields), 'data', '$& ü.jpg')).status, 204)
    await read('user/$& ü.jpg')
  })

  test('answers as the form asks: 200, 201 with XML, 204, or a redirect', async () => {
    const ask = (extra: Record<string, string>) =>
      post(
        signedForm([startsWith, ...Object.entries(extra).map(([name, value]) => ({ [name]: value }))], {
          key: 'user/answer',
          ...extra,
        }),
      )
    assert.equal((await ask({ success_action_status: '200' })).status, 200)
    const created = await ask({ success_action_status: '201' })
    assert.equal(created.status, 201)
    assert.match(
      created.text,
      /<PostResponse[^>]*><Location>.*\/bucket\/user\/answer<\/Location><Bucket>bucket</,
    )
    assert.equal((await ask({ success_action_status: '404' })).status, 204)
    const redirect = await ask({ success_action_redirect: 'https://app.example/done?x=1' })
    assert.equal(redirect.status, 303)
    assert.match(
      redirect.headers.get('location') ?? '',
      /^https:\/\/app\.example\/done\?x=1&bucket=bucket&key=user%2Fanswer&etag=%22[0-9a-f]{32}%22$/,
    )
    assert.equal((await ask({ success_action_redirect: 'javascript:alert(1)' })).status, 204)
  })

  test('content-length-range bounds the file on both sides, and nothing is stored outside of it', async () => {
    const range: Condition[] = [startsWith, ['content-length-range', 4, 10]]
    const send = (size: number) => post(signedForm(range, { key: `user/size-${size}` }), 'x'.repeat(size))
    assert.equal((await send(4)).status, 204)
    assert.equal((await send(10)).status, 204)
    assert.equal((await send(3)).code, 'EntityTooSmall')
    assert.equal((await send(11)).code, 'EntityTooLarge')
    assert.equal((await send(5_000_000)).code, 'EntityTooLarge')
    for (const size of [3, 11]) await assert.rejects(read(`user/size-${size}`), refusal('NoSuchKey', 404))
  })

  test('each field has to be what the policy says, and be named by it', async () => {
    assert.equal((await post(signedForm([startsWith], { key: 'other/a' }))).code, 'AccessDenied')
    assert.equal((await post(signedForm([{ key: 'user/a' }], { key: 'user/b' }))).code, 'AccessDenied')
    assert.equal(
      (await post(signedForm([startsWith], { key: 'user/a', 'Content-Type': 'text/html' }))).code,
      'AccessDenied',
    )
    assert.equal(
      (await post(signedForm([startsWith, { 'x-amz-meta-a': 'b' }], { key: 'user/a' }))).code,
      'AccessDenied',
    )
    assert.equal((await post(signedForm([startsWith], { key: 'user/a', 'x-ignore-me': 'x' }))).status, 204)
  })

  test('an expired, tampered or unsigned policy is refused', async () => {
    const fields = { key: 'user/a' }
    assert.equal(
      (await post(signedForm([startsWith], fields, { expires: Date.now() - 1 }))).code,
      'AccessDenied',
    )
    const form = signedForm([startsWith], fields)
    const other = Buffer.from(
      (form.policy ?? '') && '{"expiration":"2099-01-01T00:00:00Z","conditions":[]}',
    ).toString('base64')
    assert.equal((await post({ ...form, policy: other })).code, 'SignatureDoesNotMatch')
    assert.equal((await post({ ...form, 'x-amz-signature': '0'.repeat(64) })).code, 'SignatureDoesNotMatch')
    assert.equal((await post(fields)).code, 'AccessDenied')
    const { 'x-amz-signature': _, ...unsigned } = form
    assert.equal((await post(unsigned)).code, 'InvalidArgument')
    const wrongCredentials = { accessKeyId: 'nobody', secretAccessKey: 'x' }
    assert.equal(
      (await post(signedForm([startsWith], fields, { credentials: wrongCredentials }))).code,
      'InvalidAccessKeyId',
    )
    assert.equal(
      (await post({ ...fields, policy: 'e30=', AWSAccessKeyId: 'x', signature: 'y' })).code,
      'InvalidRequest',
    )
  })

  test('the signing identity has to be allowed to put', async () => {
    const credentials = { accessKeyId: 'reader', secretAccessKey: 'reader' }
    assert.equal(
      (await post(signedForm([startsWith], { key: 'user/a' }, { credentials }))).code,
      'AccessDenied',
    )
  })

  test('checksums in fields are verified; ACLs and tags are not served', async () => {
    const send = (extra: Record<string, string>) =>
      post(
        signedForm([startsWith, ...Object.entries(extra).map(([name, value]) => ({ [name]: value }))], {
          key: 'user/sum',
          ...extra,
        }),
      )
    assert.equal((await send({ 'x-amz-checksum-crc32': 'AAAAAA==' })).code, 'BadDigest')
    assert.equal((await send({ 'x-amz-checksum-crc32': 'rfPzYw==' })).status, 204)
    assert.equal((await send({ acl: 'public-read' })).code, 'AccessControlListNotSupported')
    assert.equal((await send({ acl: 'private' })).status, 204)
    assert.equal((await send({ tagging: '<Tagging/>' })).code, 'NotImplemented')
  })

  test('a form without a file, or without its end, stores nothing', async () => {
    const form = signedForm([startsWith], { key: 'user/none' })
    assert.equal((await post(form, null)).code, 'InvalidArgument')
    const part = (name: string, value: string) =>
      `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
    const head = Object.entries(form)
      .map(([name, value]) => part(name, value))
      .join('')
    const send = (body: string, type = 'multipart/form-data; boundary=b') =>
      s3.send({ method: 'POST', path: `/${Bucket}`, headers: { 'content-type': type }, body })
    /** Each line on its own, so that fields and file come in different reads. */
    const sendSlowly = async (body: string) => {
      const headers = { 'content-type': 'multipart/form-data; boundary=b', 'content-length': body.length }
      const upload = httpRequest(`${s3.url}/${Bucket}`, { method: 'POST', headers })
      for (const line of body.split(/(?<=\n)/)) await new Promise((resolve) => upload.write(line, resolve))
      upload.end()
      const [response] = (await once(upload, 'response')) as [IncomingMessage]
      response.resume()
      return { status: response.statusCode }
    }
    const file = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\ndata'
    assert.equal((await send(`${head}${file}`)).code, 'MalformedPOSTRequest')
    assert.equal((await send(head, 'multipart/form-data')).code, 'MalformedPOSTRequest')
    await assert.rejects(read('user/none'), refusal('NoSuchKey', 404))
    assert.equal((await send(`${head}${file}\r\n--b--\r\n`)).status, 204)
    assert.equal((await send(`${head}${part('file', 'no file name')}--b--\r\n`)).status, 204)
    assert.equal(await (await read('user/none')).Body?.transformToString(), 'no file name')
    // Behind the file, fields count for nothing, in one piece or byte by byte.
    const late = `${head}${file}\r\n${part('x-amz-meta-late', 'x')}${part('key', 'user/late')}--b--\r\n`
    assert.equal((await send(late)).status, 204)
    assert.equal((await sendSlowly(late)).status, 204)
    await assert.rejects(read('user/late'), refusal('NoSuchKey', 404))
    assert.deepEqual((await read('user/none')).Metadata, {})
    // Nor are there fields that are not checked.
    const many = Array.from({ length: 250 }, (_, i) => part(`x-amz-meta-${i}`, 'x')).join('')
    assert.equal((await send(`${many}${head}${file}\r\n--b--\r\n`)).code, 'MaxPostPreDataLengthExceeded')
    const flood = Array.from({ length: 30 }, (_, i) => part(`x-ignore-${i}`, 'x'.repeat(1000))).join('')
    assert.equal((await send(`${flood}${head}${file}\r\n--b--\r\n`)).code, 'MaxPostPreDataLengthExceeded')
  })
})
