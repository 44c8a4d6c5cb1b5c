import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { startLocalS3 } from '../index.ts'
import { Bucket, blobFiles, refusal, root, startTestServer } from '../testing/server.ts'
import { presign } from '../testing/sign.ts'

/** What may be under a key: digests, or undefined for nothing. More than one while an answer is missing. */
type Possible = Map<string, (string | undefined)[]>

const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')

describe('what is kept', () => {
  test('survives kill -9 during puts, completes, copies and deletes: old or new, never torn, and nothing is left over', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'local-s3-kill-'))
    const possible: Possible = new Map()
    try {
      for (let round = 0; round < 6; round++) {
        await killWhileWriting(directory, possible, 20 + randomInt(40))
        await verify(directory, possible)
        assert.deepEqual(await blobFiles(directory), namedBlobs(directory))
      }
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  test('outlives a restart: objects, uploads in progress and configuration', async () => {
    const s3 = await startTestServer()
    try {
      await s3.client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'still here' }))
      const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'b' }))
      const target = { Bucket, Key: 'b', UploadId }
      const { ETag } = await s3.plain.send(new UploadPartCommand({ ...target, PartNumber: 1, Body: 'part' }))
      await s3.restart()
      const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'a' }))
      assert.equal(await Body?.transformToString(), 'still here')
      const { Uploads } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket }))
      assert.deepEqual(
        Uploads?.map((upload) => upload.UploadId),
        [UploadId],
      )
      const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] }
      await s3.client.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload }))
    } finally {
      await s3.close()
    }
  })

  test('removes at its start the files that no row names', async () => {
    const s3 = await startTestServer()
    try {
      await s3.client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'kept' }))
      await writeFile(join(s3.directory, 'blobs', 'ab', `ab${'0'.repeat(30)}`), 'torn')
      await s3.restart()
      assert.equal((await blobFiles(s3.directory)).length, 1)
      const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'a' }))
      assert.equal(await Body?.transformToString(), 'kept')
    } finally {
      await s3.close()
    }
  })

  test('is taken over from the version before', async () => {
    const s3 = await startTestServer()
    try {
      await s3.client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'still here' }))
      await s3.restart(() => {
        const database = new DatabaseSync(join(s3.directory, 'local-s3.db'))
        database.exec('drop index object_upload; pragma user_version = 1')
        database.close()
      })
      await s3.client.send(new CopyObjectCommand({ Bucket, Key: 'b', CopySource: `${Bucket}/a` }))
      await s3.restart()
      const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'b' }))
      assert.equal(await Body?.transformToString(), 'still here')
    } finally {
      await s3.close()
    }
  })

  test('belongs to one process: a second server on the same directory is refused', async () => {
    const s3 = await startTestServer()
    try {
      await assert.rejects(
        startLocalS3({ directory: s3.directory, identities: [root] }),
        /in use by another process; stop that one/,
      )
    } finally {
      await s3.close()
    }
  })

  test('has no trace of an upload that breaks off', async () => {
    const s3 = await startTestServer()
    try {
      const { hostname, port } = new URL(s3.url)
      const headers = { host: s3.host, 'content-length': '5000000' }
      const path = presign(s3.unsigned({ method: 'PUT', path: `/${Bucket}/broken`, headers }))
      const upload = request({ hostname, port, method: 'PUT', path, headers })
      upload.on('error', () => {})
      upload.write(Buffer.alloc(3_000_000))
      await once(upload, 'drain')
      upload.destroy()
      const form = request({
        hostname,
        port,
        method: 'POST',
        path: `/${Bucket}`,
        headers: { 'content-type': 'multipart/form-data; boundary=b', 'content-length': '5000000' },
      })
      form.on('error', () => {})
      form.write('--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nbro')
      await once(form, 'socket')
      form.destroy()
      // Closing waits for the requests, so this is the state after them.
      await s3.restart()
      await assert.rejects(
        s3.client.send(new GetObjectCommand({ Bucket, Key: 'broken' })),
        refusal('NoSuchKey', 404),
      )
      assert.deepEqual(await blobFiles(s3.directory), [])
    } finally {
      await s3.close()
    }
  })
})

/** Lets writers loose on a server process and kills it after some answers. */
async function killWhileWriting(directory: string, possible: Possible, answers: number): Promise<void> {
  const server = fork(join(import.meta.dirname, '../testing/serve.ts'), [directory])
  const exited = once(server, 'exit')
  const [endpoint] = (await once(server, 'message')) as [string]
  const client = clientOf(endpoint)
  let left = answers
  const writers = Array.from({ length: 6 }, async (_, writer) => {
    for (;;) {
      const key = `${writer}/${randomInt(3)}`
      const before = possible.get(key) ?? [undefined]
      const source = `${writer}/${randomInt(3)}`
      const [copied] = possible.get(source) ?? []
      if (source !== key && copied !== undefined && randomInt(3) === 0) {
        possible.set(key, [...before, copied])
        try {
          await client.send(new CopyObjectCommand({ Bucket, Key: key, CopySource: `${Bucket}/${source}` }))
        } catch {
          return
        }
        possible.set(key, [copied])
        if (--left === 0) server.kill('SIGKILL')
        continue
      }
      const body = randomInt(4) === 0 ? undefined : randomBytes(randomInt(200_000))
      const after = body && sha256(body)
      possible.set(key, [...before, after])
      try {
        await write(client, key, body)
      } catch {
        return
      }
      possible.set(key, [after])
      if (--left === 0) server.kill('SIGKILL')
    }
  })
  await Promise.all(writers)
  await exited
  client.destroy()
}

async function write(client: S3Client, Key: string, Body: Buffer | undefined): Promise<void> {
  if (Body === undefined) {
    await client.send(new DeleteObjectCommand({ Bucket, Key }))
  } else if (randomInt(2) === 0) {
    await client.send(new PutObjectCommand({ Bucket, Key, Body }))
  } else {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }))
    const { ETag } = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body }))
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] }
    await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload }))
  }
}

async function verify(directory: string, possible: Possible): Promise<void> {
  const s3 = await startLocalS3({ directory, identities: [root] })
  const client = clientOf(s3.url)
  try {
    for (const [key, digests] of possible) {
      const actual = await digestOf(client, key)
      assert.ok(digests.includes(actual), `${key} is ${actual}, not one of ${digests}`)
      possible.set(key, [actual])
    }
  } finally {
    client.destroy()
    await s3.close()
  }
}

async function digestOf(client: S3Client, Key: string): Promise<string | undefined> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
    return sha256((await Body?.transformToByteArray()) ?? new Uint8Array())
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined
    throw error
  }
}

function clientOf(endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: root,
    maxAttempts: 1,
  })
}

/** Read behind the server's back, after it has ended. */
function namedBlobs(directory: string): string[] {
  const database = new DatabaseSync(join(directory, 'local-s3.db'))
  try {
    const rows = database
      .prepare(
        'select blob from object where blob is not null union select blob from part where blob is not null',
      )
      .all()
    return rows.map(({ blob }) => String(blob)).toSorted()
  } finally {
    database.close()
  }
}
