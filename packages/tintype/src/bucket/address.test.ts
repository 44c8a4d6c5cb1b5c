import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { partition } from '@aws-sdk/core/client'
import { ConfigError } from '../settings/error.ts'
import { addressOf } from './address.ts'

const regions = [
  'us-east-1',
  'eu-central-1',
  'ap-southeast-7',
  'mx-central-1',
  'us-gov-west-1',
  'cn-north-1',
  'cn-northwest-1',
  'us-iso-east-1',
  'us-isob-east-1',
  'eu-isoe-west-1',
  'us-isof-south-1',
  'eusc-de-east-1',
  // Not there when this was written: by the form of its name.
  'eu-central-9',
]
const buckets = ['photos', 'my-photos-2', 'photos.example.com', 'xn.1', '123', 'a'.repeat(63)]

describe('the address of a bucket on AWS is the one of the SDK', () => {
  for (const fips of [false, true]) {
    for (const dualStack of [false, true]) {
      test(`${fips ? 'FIPS' : 'not FIPS'}, ${dualStack ? 'dual stack' : 'IPv4'}`, async () => {
        for (const region of regions) {
          for (const bucket of buckets) {
            const ours = addressIn({ bucket, region, fips, dualStack })
            assert.deepEqual(
              [region, bucket, ours],
              [region, bucket, await ofTheSdk({ bucket, region, fips, dualStack })],
            )
          }
        }
      })
    }
  }

  test('each partition of the SDK is among these', () => {
    const names = new Set(regions.map((region) => partition(region).name))
    assert.deepEqual([...names].sort(), [
      'aws',
      'aws-cn',
      'aws-eusc',
      'aws-iso',
      'aws-iso-b',
      'aws-iso-e',
      'aws-iso-f',
      'aws-us-gov',
    ])
  })
})

for (const [bucket, what] of [
  ['arn:aws:s3:eu-central-1:123456789012:accesspoint/photos', /an ARN/],
  ['photos-abcdefgh-s3alias', /an access point/],
  ['mfzwi23gnjvgw.mrap', /an access point/],
  ['photos--euc1-az1--xa-s3', /an access point/],
  ['photos--euc1-az1--x-s3', /a directory bucket/],
  ['photos--ol-s3', /Object Lambda/],
  ['photos--op-s3', /Outposts/],
] as const) {
  test(`${bucket} is no bucket that can be used`, () => {
    const address = () => addressOf({ bucket, region: 'eu-central-1', endpoint: undefined })
    assert.throws(address, (error) => error instanceof ConfigError && what.test(error.message))
  })
}

test('a service with an endpoint of its own is asked path style', () => {
  for (const [endpoint, origin, path] of [
    ['http://localhost:9000', 'http://localhost:9000', '/photos/'],
    ['https://gateway.test/s3/', 'https://gateway.test', '/s3/photos/'],
  ] as const) {
    const { host } = new URL(endpoint)
    assert.deepEqual(addressOf({ bucket: 'photos', region: 'us-east-1', endpoint }), { origin, host, path })
  }
})

interface OnAws {
  bucket: string
  region: string
  fips: boolean
  dualStack: boolean
}

function addressIn(place: OnAws): string {
  try {
    const { origin, path } = addressOf({ ...place, endpoint: undefined })
    return origin + path
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return 'refused'
  }
}

/** Where the SDK would send a request, without sending it. */
async function ofTheSdk({ bucket, region, fips, dualStack }: OnAws): Promise<string> {
  let address = 'refused'
  const client = new S3Client({
    region,
    credentials: { accessKeyId: 'k', secretAccessKey: 's' },
    useFipsEndpoint: fips,
    useDualstackEndpoint: dualStack,
    maxAttempts: 1,
    requestHandler: {
      handle: async ({ protocol, hostname, path }: { protocol: string; hostname: string; path: string }) => {
        address = `${protocol}//${hostname}${path}${path.endsWith('/') ? '' : '/'}`
        throw new Error('Nothing is sent.')
      },
    } as never,
  })
  await assert.rejects(client.send(new HeadBucketCommand({ Bucket: bucket })))
  client.destroy()
  return address
}
