import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { S3Refusal } from '../../../tintype/src/bucket/refusal.ts'
import { TintypeError } from '../../../tintype/src/errors.ts'
import { s3Trouble } from './remedy.ts'

const user = 'User: arn:aws:iam::123456789012:user/app is not authorized to perform:'

describe('the remedy for a refusal of S3', () => {
  for (const [code, message, expected] of [
    ['AccessDenied', 'Access Denied', /tintype aws plan.*policy demands.*S3_SSE/],
    ['AccessDenied', `${user} s3:PutObject on resource: x`, /^AccessDenied: s3:PutObject.*tintype aws plan/],
    [
      'AccessDenied',
      `${user} s3:PutObject on resource: x with an explicit deny in a resource-based policy`,
      /explicit deny.*bucket's policy.*S3_SSE/,
    ],
    ['AccessDenied', `${user} kms:GenerateDataKey on resource: x`, /kms:GenerateDataKey is denied.*KMS key/],
    ['AccessDenied', `${user} kms:Decrypt on resource: x`, /kms:Decrypt is denied/],
    ['KMS.DisabledException', 'The key is disabled.', /KMS key of the bucket.*enabled/],
    ['AccessDenied', 'Access Denied because object protected by object lock.', /Object Lock.*retention/],
    ['RequestTimeTooSkewed', 'The difference is too large.', /clock/],
    ['NoSuchBucket', 'No such bucket.', /S3_BUCKET/],
    ['ExpiredToken', 'Expired.', /expired/],
  ] as const) {
    test(`${code}: ${message.slice(0, 90)}`, () => {
      const body = Buffer.from(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`)
      const cause = new S3Refusal({ status: 403, body })
      const { detail, remedy } = s3Trouble(new TintypeError('storage_unavailable', 'It failed.', { cause }))
      assert.match(`${detail} ${remedy}`, expected)
    })
  }
})
