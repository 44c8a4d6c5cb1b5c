import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { refusal } from './testing/server.ts'

const launcher = join(import.meta.dirname, '../bin/local-s3.js')

describe('the command local-s3', () => {
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'local-s3-cli-'))
  })
  after(() => rm(directory, { recursive: true }))

  const run = (...args: string[]) => spawn(process.execPath, [launcher, ...args])
  const outcome = async (child: ReturnType<typeof run>) => {
    const [[code], out, err] = await Promise.all([
      once(child, 'close'),
      text(child.stdout),
      text(child.stderr),
    ])
    return { code, out, err }
  }
  const client = (endpoint: string, accessKeyId: string, secretAccessKey: string) =>
    new S3Client({
      endpoint,
      forcePathStyle: true,
      region: 'eu-west-1',
      credentials: { accessKeyId, secretAccessKey },
    })

  test('serves buckets to its keys, and ends cleanly on SIGTERM', async () => {
    const identities = join(directory, 'identities.json')
    const policy = {
      Statement: [{ Effect: 'Allow', Action: 's3:PutObject', Resource: 'arn:aws:s3:::one/*' }],
    }
    await writeFile(
      identities,
      JSON.stringify([{ accessKeyId: 'w', secretAccessKey: 'ws', name: 'writer', policy }]),
    )
    const keys = ['--access-key', 'k', '--secret-key', 's', '--identities', identities]
    const buckets = ['--bucket', 'one', '--bucket', 'two', '--region', 'eu-west-1']
    const child = run('--port', '0', '--directory', join(directory, 'data'), ...keys, ...buckets)
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const [, url = ''] = /listens on (http:\/\/127\.0\.0\.1:\d+)\n/.exec(line.toString()) ?? []
    const owner = client(url, 'k', 's')
    const writer = client(url, 'w', 'ws')
    const { Buckets } = await owner.send(new ListBucketsCommand())
    assert.deepEqual(
      Buckets?.map(({ Name }) => Name),
      ['one', 'two'],
    )
    await writer.send(new PutObjectCommand({ Bucket: 'one', Key: 'a', Body: 'x' }))
    await assert.rejects(writer.send(new ListBucketsCommand()), refusal('AccessDenied', 403))
    owner.destroy()
    writer.destroy()
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'exit'), [0, null])
  })

  test('explains itself', async () => {
    const { code, out } = await outcome(run('--help'))
    assert.equal(code, 0)
    for (const option of [
      'directory',
      'access-key',
      'secret-key',
      'identities',
      'bucket',
      'port',
      'host',
      'region',
    ]) {
      assert.match(out, new RegExp(`--${option}`))
    }
  })

  test('says in one line what is wrong with its options', async () => {
    const broken = join(directory, 'broken.json')
    await writeFile(broken, '{"a": 1}')
    const cases: [string[], RegExp][] = [
      [[], /--directory is needed/],
      [['--directory', directory], /no credentials could be used/],
      [['--directory', directory, '--access-key', 'k'], /--access-key and --secret-key go together/],
      [['--directory', directory, '--identities', broken], /must hold a JSON list/],
      [['--directory', directory, '--access-key', 'k', '--secret-key', 's', '--port', 'x'], /--port/],
      [['--directory', directory, '--access-key', 'k', '--secret-key', 's', '--bucket', 'A'], /bucket/],
      [['--nonsense'], /--nonsense/],
    ]
    for (const [args, message] of cases) {
      const { code, out, err } = await outcome(run(...args))
      assert.deepEqual([code, out], [1, ''])
      assert.match(err, message)
      assert.equal(err.trimEnd().split('\n').length, 1, err)
    }
  })
})
