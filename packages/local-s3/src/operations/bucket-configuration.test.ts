import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  CreateMultipartUploadCommand,
  DeleteBucketCorsCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketPolicyCommand,
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  type LifecycleRule,
  ListMultipartUploadsCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { Bucket, refusal, startTestServer, type TestServer } from '../testing/server.ts'

describe('the configuration of a bucket', () => {
  let s3: TestServer
  let now = Date.now()
  before(async () => {
    s3 = await startTestServer({ now: () => now })
  })
  after(() => s3.close())

  const preflight = (headers: Record<string, string>) =>
    s3.send({ method: 'OPTIONS', path: `/${Bucket}/x`, headers })
  const asking = (origin: string, method = 'PUT', headers = 'content-type') => ({
    origin,
    'access-control-request-method': method,
    'access-control-request-headers': headers,
  })

  test('CORS: stored, returned, deleted, and refused where it makes no sense', async () => {
    const put = (CORSRules: object[]) =>
      s3.client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: CORSRules as [] } }))
    const get = () => s3.client.send(new GetBucketCorsCommand({ Bucket }))
    await assert.rejects(get(), refusal('NoSuchCORSConfiguration', 404))
    const rule = {
      AllowedOrigins: ['https://*.example'],
      AllowedMethods: ['PUT', 'GET'],
      AllowedHeaders: ['x-*'],
      ExposeHeaders: ['etag'],
      MaxAgeSeconds: 60,
    }
    await put([rule])
    assert.deepEqual((await get()).CORSRules, [rule])
    await assert.rejects(put([{ ...rule, AllowedMethods: ['PATCH'] }]), refusal('InvalidRequest', 400))
    await assert.rejects(put([{ ...rule, AllowedOrigins: ['https://*.*'] }]), refusal('InvalidRequest', 400))
    await assert.rejects(put([]), refusal('MalformedXML', 400))
    assert.deepEqual((await get()).CORSRules, [rule])
    const bare = await s3.signed({
      method: 'PUT',
      path: `/${Bucket}`,
      query: 'cors=',
      body: '<CORSConfiguration/>',
    })
    assert.equal(bare.code, 'InvalidRequest')
    await s3.client.send(new DeleteBucketCorsCommand({ Bucket }))
    await assert.rejects(get(), refusal('NoSuchCORSConfiguration', 404))
  })

  test('CORS: preflights are answered from it, without a signature', async () => {
    const CORSRules = [
      {
        AllowedOrigins: ['https://app.example'],
        AllowedMethods: ['PUT'],
        AllowedHeaders: ['Content-*', 'x-amz-*'],
        ExposeHeaders: ['etag', 'x-amz-request-id'],
        MaxAgeSeconds: 3000,
      },
      { AllowedOrigins: ['*'], AllowedMethods: ['GET'] },
    ]
    assert.equal((await preflight(asking('https://app.example'))).code, 'AccessForbidden')
    await s3.client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }))
    const allowed = await preflight(
      asking('https://app.example', 'PUT', 'Content-Type, X-Amz-Checksum-Sha256'),
    )
    assert.equal(allowed.status, 200)
    assert.equal(allowed.headers['access-control-allow-origin'], 'https://app.example')
    assert.equal(allowed.headers['access-control-allow-methods'], 'PUT')
    assert.equal(allowed.headers['access-control-allow-headers'], 'content-type, x-amz-checksum-sha256')
    assert.equal(allowed.headers['access-control-max-age'], '3000')
    assert.match(allowed.headers.vary ?? '', /Origin/)
    assert.equal((await preflight(asking('https://other.example'))).status, 403)
    assert.equal((await preflight(asking('https://app.example', 'DELETE'))).status, 403)
    assert.equal((await preflight(asking('https://app.example', 'PUT', 'authorization'))).status, 403)
    assert.equal((await preflight({ origin: 'https://app.example' })).status, 400)
    const any = await preflight({ origin: 'https://other.example', 'access-control-request-method': 'GET' })
    assert.equal(any.headers['access-control-allow-origin'], '*')
    const nowhere = await s3.send({
      method: 'OPTIONS',
      path: '/no-such-bucket/x',
      headers: asking('https://a.example'),
    })
    assert.equal(nowhere.code, 'NoSuchBucket')
  })

  test('CORS: answers and errors carry the headers that let the page see them', async () => {
    const url = await getSignedUrl(s3.plain, new PutObjectCommand({ Bucket, Key: 'cors' }), {
      signingDate: new Date(now),
    })
    const headers = { origin: 'https://app.example' }
    const stored = await fetch(url, { method: 'PUT', body: 'x', headers })
    assert.deepEqual(
      [stored.status, stored.headers.get('access-control-allow-origin')],
      [200, 'https://app.example'],
    )
    assert.equal(stored.headers.get('access-control-expose-headers'), 'etag, x-amz-request-id')
    const refused = await fetch(`${url}0`, { method: 'PUT', body: 'x', headers })
    assert.deepEqual(
      [refused.status, refused.headers.get('access-control-allow-origin')],
      [403, 'https://app.example'],
    )
    const otherOrigin = await fetch(url, {
      method: 'PUT',
      body: 'x',
      headers: { origin: 'https://other.example' },
    })
    assert.deepEqual(
      [otherOrigin.status, otherOrigin.headers.get('access-control-allow-origin')],
      [200, null],
    )
  })

  const lifecycle = (Rules: LifecycleRule[]) =>
    s3.client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }))

  test('lifecycle: stored, returned with an ID for each rule, deleted', async () => {
    const get = () => s3.client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))
    await assert.rejects(get(), refusal('NoSuchLifecycleConfiguration', 404))
    const expire: LifecycleRule = {
      ID: 'one & only',
      Status: 'Enabled',
      Filter: { Prefix: 'tmp/' },
      Expiration: { Days: 3 },
    }
    const abort: LifecycleRule = {
      Status: 'Disabled',
      Filter: { Prefix: '' },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
    }
    await lifecycle([expire, abort])
    const { Rules } = await get()
    assert.deepEqual(Rules?.[0], expire)
    assert.deepEqual({ ...Rules?.[1], ID: undefined }, { ...abort, ID: undefined })
    assert.ok(Rules?.[1]?.ID)
    const wrong: [LifecycleRule, string][] = [
      [{ ...expire, Expiration: { Days: 0 } }, 'InvalidArgument'],
      [{ ...expire, Expiration: undefined }, 'InvalidRequest'],
      [{ ...expire, Status: 'enabled' as 'Enabled' }, 'MalformedXML'],
      [{ ...expire, ID: 'x'.repeat(256) }, 'InvalidArgument'],
      [{ ...abort, AbortIncompleteMultipartUpload: {} }, 'MalformedXML'],
    ]
    for (const [rule, code] of wrong) await assert.rejects(lifecycle([rule]), refusal(code, 400))
    await assert.rejects(lifecycle([expire, expire]), refusal('InvalidArgument', 400))
    await s3.client.send(new DeleteBucketLifecycleCommand({ Bucket }))
    await assert.rejects(get(), refusal('NoSuchLifecycleConfiguration', 404))
  })

  test('lifecycle: incomplete uploads under the prefix are aborted when their days are over', async () => {
    for (const Key of ['tmp/old', 'kept']) {
      const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand({ Bucket, Key }))
      await s3.client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'x' }))
    }
    await lifecycle([
      {
        ID: 'abort',
        Status: 'Enabled',
        Filter: { Prefix: 'tmp/' },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 },
      },
    ])
    const open = async () => {
      const client = s3.clientFor({ systemClockOffset: now - Date.now() })
      return (await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads?.map(({ Key }) => Key)
    }
    const day = 86_400_000
    now += day
    await s3.restart()
    assert.deepEqual(await open(), ['kept', 'tmp/old'])
    now += 1.1 * day
    await s3.restart()
    assert.deepEqual(await open(), ['kept'])
    now = Date.now()
  })

  test('policy: stored, returned, enforced and deleted; nonsense is refused', async () => {
    const put = (policy: object | string) =>
      s3.client.send(
        new PutBucketPolicyCommand({
          Bucket,
          Policy: typeof policy === 'string' ? policy : JSON.stringify(policy),
        }),
      )
    const get = () => s3.client.send(new GetBucketPolicyCommand({ Bucket }))
    await assert.rejects(get(), refusal('NoSuchBucketPolicy', 404))
    const statement = {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::${Bucket}/secret/*`,
    }
    const document = { Version: '2012-10-17', Statement: [statement] }
    await put(document)
    assert.deepEqual(JSON.parse((await get()).Policy ?? ''), document)
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'secret/a', Body: 'x' }))
    await assert.rejects(
      s3.client.send(new GetObjectCommand({ Bucket, Key: 'secret/a' })),
      refusal('AccessDenied', 403),
    )
    for (const wrong of [
      '{',
      '[]',
      { Statement: [{ ...statement, Effect: 'Maybe' }] },
      { Statement: [{ ...statement, Resource: 'arn:aws:s3:::other/*' }] },
      { Statement: [{ ...statement, Principal: undefined }] },
    ]) {
      await assert.rejects(put(wrong), refusal('MalformedPolicy', 400), JSON.stringify(wrong))
    }
    // The owner of the account gets back in, even against the policy.
    await put({
      Statement: [
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
        },
      ],
    })
    await assert.rejects(
      s3.client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' })),
      refusal('AccessDenied', 403),
    )
    await s3.client.send(new DeleteBucketPolicyCommand({ Bucket }))
    await s3.client.send(new GetObjectCommand({ Bucket, Key: 'secret/a' }))
  })
})
