import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type AskedFor, bucketNameProblem, partitionOf, readOptions, SetupError } from './options.ts'

describe('the name of a bucket', () => {
  for (const name of ['abc', 'my-photos', 'photos.example.com', '1-2', 'a'.repeat(63)]) {
    test(`${name} is one`, () => assert.equal(bucketNameProblem(name), undefined))
  }

  for (const [name, why] of [
    ['', /--bucket/],
    ['ab', /3 to 63 characters, this has 2/],
    ['a'.repeat(64), /this has 64/],
    ['My-Photos', /a-z, 0-9/],
    ['my_photos', /a-z, 0-9/],
    ['-photos', /begins and ends/],
    ['photos.', /begins and ends/],
    ['my..photos', /two dots/],
    ['192.168.0.1', /IP address/],
    ['xn--photos', /begin with xn--/],
    ['photos-s3alias', /end with -s3alias/],
    ['photos--x-s3', /end with --x-s3/],
  ] as const) {
    test(`${name || 'nothing'} is none, and the sentence says why`, () =>
      assert.match(bucketNameProblem(name) ?? '', why))
  }
})

describe('the partition of a region', () => {
  for (const [region, partition] of [
    ['eu-central-1', 'aws'],
    ['us-east-1', 'aws'],
    ['mx-central-1', 'aws'],
    ['ap-southeast-12', 'aws'],
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['eusc-de-east-1', 'aws-eusc'],
    ['us-iso-east-1', 'aws-iso'],
    ['us-isob-east-1', 'aws-iso-b'],
    ['eu-isoe-west-1', 'aws-iso-e'],
    ['us-isof-south-1', 'aws-iso-f'],
  ] as const) {
    test(`${region} is in ${partition}, and may be asked for`, () => {
      assert.equal(partitionOf(region), partition)
      assert.equal(readOptions({ bucket: 'my-photos', region }).region, region)
    })
  }
})

describe('what was asked for', () => {
  const asked: AskedFor = { bucket: 'my-photos', region: 'eu-central-1' }

  test('is a user named after the bucket, unless one is named', () => {
    assert.deepEqual(readOptions(asked).identity, { type: 'user', name: 'tintype-my-photos' })
    assert.deepEqual(readOptions({ ...asked, user: 'u' }).identity, { type: 'user', name: 'u' })
    assert.deepEqual(readOptions({ ...asked, role: 'r' }).identity, { type: 'role', name: 'r', trust: 'ec2' })
  })

  test('origins are exactly what browsers send, each once', () => {
    const origins = ['https://Photos.example/', 'https://photos.example', 'http://localhost:3000']
    assert.throws(() => readOptions({ ...asked, origins }), SetupError, 'a browser sends lower case')
    assert.deepEqual(readOptions({ ...asked, origins: origins.slice(1) }).origins, origins.slice(1))
  })

  for (const [what, change, why] of [
    [
      'a path in an origin',
      { origins: ['https://photos.example/app'] },
      /--origin is "https:\/\/photos.example\/app"/,
    ],
    ['every origin', { origins: ['*'] }, /without a path or \*/],
    ['a user and a role', { user: 'u', role: 'r' }, /exclude each other/],
    ['trust without a role', { trust: 'ec2' }, /name one with --role/],
    ['trust in an unknown service', { role: 'r', trust: 'everybody' }, /ec2, ecs, eks, lambda or an ARN/],
    ['a region that is none', { region: 'Frankfurt' }, /--region is "Frankfurt"/],
    ['a user that IAM would refuse', { user: 'two words' }, /Choose one with --user/],
    ['a name made of a long bucket', { bucket: 'a'.repeat(60) }, /Choose one with --user/],
  ] as const) {
    test(`${what}: refused, with what would be right`, () => {
      assert.throws(
        () => readOptions({ ...asked, ...change }),
        (error) => error instanceof SetupError && why.test(error.message),
      )
    })
  }

  test('without TLS at the endpoint, TLS is not demanded', () => {
    assert.equal(readOptions(asked).tlsOnly, true)
    assert.equal(readOptions({ ...asked, endpoint: 'https://s3.example' }).tlsOnly, true)
    assert.equal(readOptions({ ...asked, endpoint: 'http://127.0.0.1:9000' }).tlsOnly, false)
  })

  test('uploads are given up by S3 after a day, or when a session has ended that may last longer', () => {
    assert.deepEqual(
      [undefined, 60, 86_400, 86_401, 604_800].map((session) => readOptions({ ...asked, session }).abortDays),
      [1, 1, 1, 2, 7],
    )
  })
})
