import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError } from 'tintype/internal/settings/error'
import { checkBucketOptions, readEncryption, readProxies } from 'tintype/internal/settings/s3'
import { parseConfig } from './config.ts'

const reading = (env: Record<string, string>) => (name: string) => env[name]

describe('encryption in the environment', () => {
  const read = (env: Record<string, string>) =>
    readEncryption(reading(env), (name) => (env[name] === undefined ? undefined : env[name] === 'on'))

  test('is the algorithm, and for KMS its key', () => {
    assert.equal(read({}), undefined)
    assert.deepEqual(read({ S3_SSE: 'AES256' }), {
      algorithm: 'AES256',
      kmsKeyId: undefined,
      bucketKey: undefined,
    })
    const kmsKeyId = 'arn:aws:kms:eu-central-1:123456789012:key/1234-abcd'
    assert.deepEqual(read({ S3_SSE: 'aws:kms', S3_SSE_KMS_KEY_ID: kmsKeyId, S3_SSE_BUCKET_KEY: 'on' }), {
      algorithm: 'aws:kms',
      kmsKeyId,
      bucketKey: true,
    })
  })

  for (const [env, name] of [
    [{ S3_SSE: 'SSE-KMS' }, 'S3_SSE'],
    [{ S3_SSE_KMS_KEY_ID: 'k' }, 'S3_SSE_KMS_KEY_ID'],
    [{ S3_SSE: 'AES256', S3_SSE_KMS_KEY_ID: 'k' }, 'S3_SSE_KMS_KEY_ID'],
    [{ S3_SSE: 'AES256', S3_SSE_BUCKET_KEY: 'on' }, 'S3_SSE_BUCKET_KEY'],
    [{ S3_SSE: 'aws:kms', S3_SSE_KMS_KEY_ID: 'a b' }, 'S3_SSE_KMS_KEY_ID'],
  ] as [Record<string, string>, string][]) {
    test(`${JSON.stringify(env)} is refused by the variable's name`, () => {
      assert.throws(() => read(env), { constructor: ConfigError, message: new RegExp(`^${name}\\b`) })
    })
  }
})

describe('proxies in the environment', () => {
  const read = (env: Record<string, string>, node = '24.5.0') => readProxies(reading(env), node)
  const HTTPS_PROXY = 'http://proxy.test:3128'

  test('have upper-case and lower-case names', () => {
    assert.equal(read({}), undefined)
    assert.equal(read({ NO_PROXY: 'localhost' }), undefined)
    assert.equal(read({ HTTPS_PROXY, no_proxy: '*' }), undefined)
    assert.deepEqual(read({ HTTPS_PROXY: 'http://other.test', https_proxy: HTTPS_PROXY, no_proxy: 'a,b' }), {
      HTTP_PROXY: undefined,
      HTTPS_PROXY,
      NO_PROXY: 'a,b',
    })
  })

  test('that are no address are refused, without the password that they may hold', () => {
    for (const value of ['user:secret@proxy:3128', 'socks5://secret@proxy.test:1080']) {
      assert.throws(
        () => read({ HTTPS_PROXY: value }),
        (error: Error) => /^HTTPS_PROXY /.test(error.message) && !error.message.includes('secret'),
      )
    }
  })

  test('are refused by a Node that would pass them over', () => {
    for (const old of ['22.16.0', '23.11.0', '24.4.1'])
      assert.throws(() => read({ HTTPS_PROXY }, old), /NO_PROXY/)
    for (const able of ['22.21.0', '24.21.0', '26.0.0']) assert.ok(read({ HTTPS_PROXY }, able))
  })
})

test('a prefix is folders that mean nothing in a policy', () => {
  const read = (S3_PREFIX: string) => parseConfig({ S3_BUCKET: 'photos', S3_PREFIX }).bucket?.prefix
  assert.equal(read('photos/'), 'photos/')
  assert.equal(read('shops/blue_1.x/'), 'shops/blue_1.x/')
  for (const wrong of [
    'photos',
    '/photos/',
    'a//b/',
    '../a/',
    'a*/',
    'a b/',
    'media/',
    'a/media/',
    `${'a'.repeat(48)}/`,
  ])
    assert.throws(() => read(wrong), /^Error: S3_PREFIX.* such as photos\//)
})

test('temporary credentials in the environment say when they end', () => {
  const env = {
    S3_BUCKET: 'photos',
    AWS_ACCESS_KEY_ID: 'k',
    AWS_SECRET_ACCESS_KEY: 's',
    AWS_SESSION_TOKEN: 't',
  }
  const AWS_CREDENTIAL_EXPIRATION = '2026-11-28T09:30:00+00:00'
  const { bucket } = parseConfig({ ...env, AWS_CREDENTIAL_EXPIRATION })
  assert.ok(bucket)
  const { expiration } = bucket.credentials as { expiration?: Date }
  assert.equal(expiration?.getTime(), Date.UTC(2026, 10, 28, 9, 30))
  assert.throws(() => parseConfig({ ...env, AWS_CREDENTIAL_EXPIRATION: 'soon' }), /AWS_CREDENTIAL_EXPIRATION/)
})

test('what an app says of its bucket is refused by the name of the option', () => {
  for (const [options, name] of [
    [{ multipart: 'off' }, 'bucket.multipart'],
    [{ requireChecksum: 1 }, 'bucket.requireChecksum'],
    [{ encryption: 'AES256' }, 'bucket.encryption.algorithm'],
    [{ encryption: { algorithm: 'kms' } }, 'bucket.encryption.algorithm'],
    [{ encryption: { algorithm: 'AES256', kmsKeyId: 'k' } }, 'bucket.encryption'],
  ] as const) {
    const check = () => checkBucketOptions({ name: 'photos', ...options } as never)
    assert.throws(check, { constructor: ConfigError, message: new RegExp(`^${name} `) })
  }
  checkBucketOptions({
    name: 'photos',
    multipart: false,
    encryption: { algorithm: 'aws:kms', kmsKeyId: 'k' },
  })
})
