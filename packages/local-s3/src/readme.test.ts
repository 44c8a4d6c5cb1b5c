import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'

const folder = new URL('..', import.meta.url)
/** Runs code as a module of this package, without a file. */
const asModule = ['--input-type=module', '--eval']

describe('the examples of the README', () => {
  let readme: string
  let examples: string[]
  let directory: string
  before(async () => {
    readme = await readFile(new URL('README.md', folder), 'utf8')
    examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code)
    directory = await mkdtemp(join(tmpdir(), 'local-s3-'))
  })
  after(() => rm(directory, { recursive: true }))

  test('the one for tests runs as it stands', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [...asModule, examples[0] ?? ''], {
      cwd: folder,
    })
    assert.equal(stdout, 'hello\n')
  })

  test('the two lines that it begins with stand in that one', () => {
    const [, lines = ''] = /```js\n(.*?)```/s.exec(readme) ?? []
    assert.equal(lines.trim().split('\n').length, 2)
    assert.ok(examples[0]?.includes(lines))
  })

  test('the one for a server runs, on another port and folder', async () => {
    const code = (examples[1] ?? '')
      .replace('./data/s3', directory)
      .replace('listen(3000)', "listen(0, '127.0.0.1', () => console.log(server.address().port))")
    const server = spawn(process.execPath, [...asModule, code], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(server.stdout, 'data')) as [Buffer]
    const client = new S3Client({
      endpoint: `http://127.0.0.1:${Number(line)}/s3`,
      forcePathStyle: true,
      region: 'us-east-1',
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    })
    try {
      await client.send(new PutObjectCommand({ Bucket: 'photos', Key: 'a', Body: 'x'.repeat(3_000_000) }))
      const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: 'photos' }))
      assert.deepEqual(
        Contents?.map(({ Key }) => Key),
        ['a'],
      )
    } finally {
      client.destroy()
      server.kill()
      await once(server, 'exit')
    }
  })
})
