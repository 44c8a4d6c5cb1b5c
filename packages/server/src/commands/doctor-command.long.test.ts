import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startLocalS3 } from '@tintype/local-s3'
import { parseConfig } from '../config.ts'
import { serve } from '../serve.ts'

const command = fileURLToPath(new URL('../../bin/tintype.js', import.meta.url))

describe('tintype doctor', () => {
  test('in an empty folder: nothing fails, and nothing is made', async () => {
    await inFolder(async (folder) => {
      const { code, said } = await doctor(folder, {})
      assert.equal(code, 0, said)
      assert.match(said, /✓ embedded S3: not there yet/)
      assert.deepEqual(await readdir(folder), [])
    })
  })

  test('beside a running server: finds it on its port, and its embedded S3 good', async () => {
    await inFolder(async (folder) => {
      const env = { TINTYPE_DATA: join(folder, 'data'), PORT: '0' }
      const server = await serve(parseConfig(env), () => {})
      try {
        const { code, said } = await doctor(folder, { ...env, PORT: new URL(server.url).port })
        assert.equal(code, 0, said)
        assert.match(said, /tintype is running there/)
        assert.match(said, /✓ database .*: SQLite/)
        assert.match(said, /✓ put an object[\s\S]*✓ delete an object/)
      } finally {
        await server.stop()
      }
    })
  })

  test('a setting that makes no sense is one line, and the exit code is 1', async () => {
    await inFolder(async (folder) => {
      const { code, said } = await doctor(folder, { PORT: 'http' })
      assert.equal(code, 1)
      assert.match(said, /✗ configuration: PORT is "http"; it has to be a whole number/)
    })
  })

  test('a key of another service that may do more is something to look at, not a failure', async () => {
    await inFolder(async (folder) => {
      const key = { accessKeyId: 'k', secretAccessKey: 's' }
      const s3 = await startLocalS3({ directory: join(folder, 's3'), identities: [key], buckets: ['photos'] })
      try {
        const bucket = {
          S3_BUCKET: 'photos',
          S3_ENDPOINT: s3.url,
          AWS_ACCESS_KEY_ID: 'k',
          AWS_SECRET_ACCESS_KEY: 's',
        }
        const { code, said } = await doctor(folder, { ...bucket, TINTYPE_DATA: folder, PORT: '0' })
        assert.equal(code, 0, said)
        assert.match(said, /! may not list the bucket \(s3:ListBucket\): it may/)
        assert.doesNotMatch(said, /DeleteBucket/)
        const failing = await doctor(folder, {
          ...bucket,
          AWS_SECRET_ACCESS_KEY: 'x',
          TINTYPE_DATA: folder,
          PORT: '0',
        })
        assert.equal(failing.code, 1)
        assert.match(failing.said, /✗ put an object .*SignatureDoesNotMatch\n {4}The secret does not belong/)
      } finally {
        await s3.close()
      }
    })
  })
})

/** No colours: it is no terminal. */
async function doctor(
  cwd: string,
  env: Record<string, string>,
): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [command, 'doctor'], { cwd, env: { PORT: '0', ...env } })
  const chunks: Buffer[] = []
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, said: Buffer.concat(chunks).toString() }
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tintype-doctor-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}
