import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startLocalS3 } from '@tintype/local-s3'
import { createS3Client } from './s3-client.ts'

test('objects and open uploads are listed, whatever their keys are, and read', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'crash-kit-test-'))
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  const s3 = await startLocalS3({ directory, identities: [credentials], buckets: ['photos'] })
  t.after(async () => {
    await s3.close()
    await rm(directory, { recursive: true })
  })
  const client = createS3Client({ ...credentials, endpoint: s3.url, bucket: 'photos' })
  const keys = ['a b+c&d.jpg', "folder/it's (1)*.jpg", 'ä<ö>/ü%20.jpg']
  for (const key of keys) await client.put(key, `of ${key}`)
  await client.beginUpload(keys[0] as string)
  const objects = await client.objects()
  assert.deepEqual(objects.map(({ key }) => key).sort(), [...keys].sort())
  assert.equal(objects[0]?.bytes, Buffer.byteLength(`of ${objects[0]?.key}`))
  assert.deepEqual(
    (await client.uploads()).map(({ key }) => key),
    [keys[0]],
  )
  assert.equal((await client.read(keys[2] as string))?.toString(), `of ${keys[2]}`)
  assert.equal(await client.read('absent'), undefined)
})
