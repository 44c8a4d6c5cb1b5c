import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError } from 'tintype/internal/settings/error'
import { readTintypeOptions } from 'tintype/internal/settings/options'
import { readProxies } from 'tintype/internal/settings/s3'
import { databaseOf, parseConfig } from './config.ts'

describe('encryption in the environment', () => {
  const read = (env: Record<string, string>) =>
    parseConfig({ S3_BUCKET: 'photos', ...env }).bucket?.encryption

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
  const read = (env: Record<string, string>, node = '24.5.0') => readProxies((name) => env[name], node)
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
    assert.throws(() => read(wrong), /^TypeError: S3_PREFIX.* such as photos\//)
})

test('schema and prefix of the tables are read by the rules of the options', () => {
  const DATABASE_URL = 'postgres://u@h/d'
  const config = parseConfig({ DATABASE_URL, DATABASE_SCHEMA: 'media', TABLE_PREFIX: 'photos_' })
  assert.deepEqual(databaseOf(config), { url: DATABASE_URL, schema: 'media', tablePrefix: 'photos_' })
  assert.deepEqual(databaseOf(parseConfig({ TINTYPE_DATA: '/srv' })), {
    file: '/srv/tintype.db',
    schema: undefined,
    tablePrefix: 'tintype_',
  })
  for (const [env, said] of [
    [{ DATABASE_SCHEMA: 'media' }, /^DATABASE_SCHEMA is "media", and SQLite has no schemas.*DATABASE_URL/],
    [{ DATABASE_URL, DATABASE_SCHEMA: 'Media' }, /^DATABASE_SCHEMA is "Media"; /],
    [{ TABLE_PREFIX: 'a-' }, /^TABLE_PREFIX is "a-"; /],
  ] as const)
    assert.throws(() => parseConfig(env), { message: said })
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
  const read = (bucket: object) =>
    readTintypeOptions({ authenticate: 'this-machine', bucket: { name: 'photos', ...bucket } })
  for (const [bucket, name] of [
    [{ multipart: 'off' }, 'bucket.multipart'],
    [{ requireChecksum: 1 }, 'bucket.requireChecksum'],
    [{ encryption: 'AES256' }, 'bucket.encryption'],
    [{ encryption: { algorithm: 'kms' } }, 'bucket.encryption.algorithm'],
    [{ encryption: { kmsKeyId: 'k' } }, 'bucket.encryption.algorithm'],
    [{ encryption: { algorithm: 'AES256', kmsKeyId: 'k' } }, 'bucket.encryption.kmsKeyId'],
    [{ encryption: { algorithm: 'aws:kms', kmsKeyId: 'a b' } }, 'bucket.encryption.kmsKeyId'],
    [{ credentials: { accessKeyId: 'k' } }, 'bucket.credentials.secretAccessKey'],
    [
      { credentials: { accessKeyId: 'k', secretAccessKey: 's', expiration: 'soon' } },
      'bucket.credentials.expiration',
    ],
    [{ credentials: 'k:hunter2' }, 'bucket.credentials'],
    [{ proxy: { HTTPS_PROXY: 'hunter2@proxy:3128' } }, 'bucket.proxy.HTTPS_PROXY'],
    [{ region: 'Frankfurt' }, 'bucket.region'],
    [{ endpoint: 5 }, 'bucket.endpoint'],
    [{ prefix: '/' }, 'bucket.prefix'],
    [{ endpont: 'http://s3.example' }, 'bucket.endpont'],
  ] as const) {
    assert.throws(
      () => read(bucket),
      (error: Error) => error.message.startsWith(`${name} `) && !error.message.includes('hunter2'),
      name,
    )
  }
  const provider = async () => ({ accessKeyId: 'k', secretAccessKey: 's' })
  assert.equal(read({ credentials: provider }).bucket?.credentials, provider)
  const kms = { algorithm: 'aws:kms', kmsKeyId: 'k' } as const
  const { bucket } = read({ multipart: undefined, encryption: kms, region: undefined })
  assert.deepEqual([bucket?.multipart, bucket?.requireChecksum], [true, false])
  assert.equal(bucket?.encryption?.kmsKeyId, 'k')
})
