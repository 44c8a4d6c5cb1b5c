import { DeleteObjectCommand, ListObjectsV2Command, PutBucketCorsCommand, S3Client } from '@aws-sdk/client-s3'
import { isHeartbeat } from '../../test/support/bucket-keys.ts'

/** What the bench itself does to the S3, past the link. */
export interface Storage {
  /** Lets pages of this origin write to the bucket. */
  allow(bucket: string, origin: string): Promise<void>
  /** @returns the size of each object that was there */
  empty(bucket: string): Promise<number[]>
}

export function openStorage(
  endpoint: string,
  { S3_ACCESS_KEY, S3_SECRET_KEY }: Record<'S3_ACCESS_KEY' | 'S3_SECRET_KEY', string>,
): Storage {
  const s3 = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: S3_ACCESS_KEY, secretAccessKey: S3_SECRET_KEY },
  })
  return {
    async allow(Bucket, origin) {
      const rule = {
        AllowedOrigins: [origin],
        AllowedMethods: ['GET', 'PUT', 'POST'],
        AllowedHeaders: ['*'],
        ExposeHeaders: ['ETag', 'x-amz-checksum-sha256'],
        MaxAgeSeconds: 3000,
      }
      await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [rule] } }))
    },
    async empty(Bucket) {
      const { Contents: objects = [] } = await s3.send(new ListObjectsV2Command({ Bucket }))
      for (const { Key } of objects) await s3.send(new DeleteObjectCommand({ Bucket, Key }))
      return objects.filter(({ Key = '' }) => !isHeartbeat(Key)).map(({ Size = 0 }) => Size)
    },
  }
}
