import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { createKeys } from '../../packages/tintype/src/bucket/keys.ts'
import { S3Refusal } from '../../packages/tintype/src/bucket/refusal.ts'
import { TintypeError } from '../../packages/tintype/src/errors.ts'
import { createSetting, type Setting, type Storage, startStorage } from './setting.ts'

const { makeKey } = createKeys()

const original = { type: 'video/mp4' }

describe('the audit, where S3 refuses one thing', () => {
  let storage: Storage
  let one: Setting
  before(async () => {
    storage = await startStorage()
  })
  after(() => storage.close())
  beforeEach(async () => {
    one = await createSetting(storage, ':memory:')
  })
  afterEach(() => one.close())

  test('one multipart upload that can not be aborted leaves the others to it', async () => {
    const keys = Array.from({ length: 3 }, () => makeKey('original', 'mp4')).sort() as [
      string,
      string,
      string,
    ]
    for (const key of keys) await one.bucket.createMultipart(key, original)
    const { found } = await one.audit({
      repair: true,
      bucket: {
        ...one.bucket,
        async abortMultipart(key, id) {
          if (key === keys[0]) throw new Error('S3 is tired')
          return key === keys[1] ? 'denied' : one.bucket.abortMultipart(key, id)
        },
      },
    })
    const outcomes = found.map((finding) => finding.type === 'multipart' && [finding.repaired, finding.error])
    assert.deepEqual(
      [outcomes[0], outcomes[2]],
      [
        [false, 'S3 is tired'],
        [true, undefined],
      ],
    )
    assert.match(String(outcomes[1]), /^false,.*s3:AbortMultipartUpload/)
    assert.equal((await one.audit()).totals.multiparts, 2)
  })

  test('an object that S3 does not let us read is told, and the others are compared', async () => {
    const [archived, changed] = [await one.publish(), await one.publish()]
    await one.delete(changed.key)
    await one.put(changed.key, Buffer.from(changed.id.toUpperCase().replace(/^./, '-')))
    const refusal = new S3Refusal({
      status: 403,
      body: Buffer.from('<Error><Code>InvalidObjectState</Code><Message>It is archived.</Message></Error>'),
    })
    const { found, totals } = await one.audit({
      checksums: true,
      bucket: {
        ...one.bucket,
        async head(key) {
          if (key !== archived.key) return one.bucket.head(key)
          throw new TintypeError('storage_unavailable', 'The object storage said no.', { cause: refusal })
        },
      },
    })
    assert.deepEqual(found.map((finding) => [finding.type, finding.key]).sort(), [
      ['checksum', changed.key],
      ['unreadable', archived.key],
    ])
    assert.match(JSON.stringify(found), /It is archived/)
    assert.equal(totals.checksums, 1)
  })
})
