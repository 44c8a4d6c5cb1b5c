import { randomUUID } from 'node:crypto'
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { checkKey } from 'tintype/internal/bucket/keys'
import { type Credentials, createAws, errorCode, errorStatus } from './clients.ts'
import type { SetupOptions } from './options.ts'
import { type Sleep, untilConsistent } from './until-consistent.ts'

/**
 * Waits until a new key works: the app's writes and deletes an object, the audit's lists.
 * @throws what S3 says at last
 */
export async function proveKey(
  credentials: Credentials,
  { bucket: Bucket, prefix, region, endpoint, proxy }: SetupOptions,
  { lists, sleep }: { lists: boolean; sleep: Sleep },
): Promise<void> {
  const aws = createAws({ region, endpoint, credentials, proxy })
  const Key = checkKey(randomUUID(), prefix)
  try {
    await untilConsistent(
      async () => {
        if (lists)
          return void (await aws.s3.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys: 1 })))
        await aws.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'probe' }))
        await aws.s3.send(new DeleteObjectCommand({ Bucket, Key }))
      },
      { sleep, isEarly },
    )
  } finally {
    aws.close()
  }
}

function isEarly(error: unknown): boolean {
  return errorStatus(error) === 403 || /^(InvalidAccessKeyId|InvalidClientTokenId)$/.test(errorCode(error))
}
