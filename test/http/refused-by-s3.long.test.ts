import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { startLocalS3 } from '@tintype/local-s3'
import { createTintype } from '../../packages/tintype/src/tintype.ts'
import { photo } from '../media/photos.ts'
import { startServer, upload } from '../support/server.ts'
import { until } from '../support/until.ts'

const key = { accessKeyId: 'app', secretAccessKey: 'apps-secret' }
const mayRead = { Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['arn:aws:s3:::photos/*'] } as const
const policy = { Version: '2012-10-17', Statement: [mayRead] } as const
const twentyMinutes = 20 * 60 * 1000

interface Refusal {
  credentials?: typeof key
  name?: string
  s3?: object
  line: RegExp
}

const refusals: Record<string, Refusal> = {
  'does not know the key': {
    credentials: { ...key, accessKeyId: 'other' },
    line: /^InvalidAccessKeyId\. The service does not know the key\. Copy /,
  },
  'has another secret of the key': {
    credentials: { ...key, secretAccessKey: 'wrong-secret' },
    line: /^SignatureDoesNotMatch\. The secret does not belong to the key\. Copy /,
  },
  'has a clock that is 20 minutes ahead': {
    s3: { now: () => Date.now() + twentyMinutes },
    line: /^RequestTimeTooSkewed\. The clock of this machine is wrong .*timedatectl/,
  },
  'is in another region': {
    s3: { region: 'eu-west-1' },
    line: /^AuthorizationHeaderMalformed\. The bucket is in eu-west-1: set AWS_REGION to that\.$/,
  },
  'has no such bucket': { name: 'fotos', line: /^NoSuchBucket\. There is no such bucket: look at its name/ },
  'may not be written to': {
    s3: { identities: [{ ...key, policy }] },
    line: /^AccessDenied: s3:PutObject\. The policies of the key do not allow it: `tintype aws plan`/,
  },
}

describe('an S3 that refuses', () => {
  let directory: string
  let jpeg: Buffer
  let warnings: Error[]
  const listen = (warning: Error) => {
    if (warning.name === 'TintypeWarning') warnings.push(warning)
  }

  before(async () => {
    jpeg = await photo()
    process.on('warning', listen)
  })
  after(() => process.off('warning', listen))
  beforeEach(async () => {
    warnings = []
    directory = await mkdtemp(join(tmpdir(), 'tintype-refused-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  const startS3 = (more: object = {}) =>
    startLocalS3({ directory: join(directory, 's3'), identities: [key], buckets: ['photos'], ...more })

  for (const [what, { credentials = key, name = 'photos', s3: more, line }] of Object.entries(refusals)) {
    test(`because it ${what} is told in one line, once, by an app without a logger`, async () => {
      const s3 = await startS3(more)
      const tintype = await createTintype({
        bucket: { name, endpoint: s3.url, region: 'us-east-1', credentials },
        database: join(directory, 'tintype.db'),
        authenticate: () => 'ann',
      })
      for (let times = 0; times < 2; times++)
        await assert.rejects(tintype.media.create(jpeg, { owner: 'ann' }), { code: 'storage_unavailable' })
      await until(
        () => warnings.length,
        (count) => count > 0,
      )
      await tintype.close()
      await s3.close()
      // What may not be written to may not be deleted from: that is another thing to allow.
      const [first, ...others] = warnings.filter(({ message }) => !message.includes('s3:DeleteObject'))
      assert.deepEqual(others, [])
      assert.match(first?.message ?? '', line)
      assert.doesNotMatch(first?.message ?? '', /\n|secret-|apps-secret/)
      assert.deepEqual(first && { ...first }, { name: 'TintypeWarning', code: 'storage.refused' })
    })
  }

  test('is told by the ready server in one line, and by a line without a stack for each request', async () => {
    const s3 = await startS3()
    const server = await startServer({
      S3_BUCKET: 'photos',
      S3_ENDPOINT: s3.url,
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: 'wrong-secret',
    })
    const answers = [await upload(server.url, { bytes: jpeg }), await upload(server.url, { bytes: jpeg })]
    await server.stop()
    await s3.close()
    for (const answer of answers) {
      assert.equal(answer.status, 503)
      assert.match(await answer.text(), /^(?!.*(Signature|AKIA|secret)).*storage_unavailable/)
    }
    const lines = server.log.map((line) => JSON.parse(line))
    const told = lines.filter(({ event }) => event === 'storage.refused')
    assert.deepEqual(
      told.map(({ level, detail }) => [level, detail]),
      [['error', 'SignatureDoesNotMatch']],
    )
    const refused = lines.filter(({ event }) => event === 'request.refused')
    assert.equal(refused.length, 2)
    for (const { level, error } of refused) {
      assert.equal(level, 'warn')
      assert.match(error, /^SignatureDoesNotMatch: [^\n]*$/)
    }
  })
})
