import { CopyObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { unavailableOnError } from './client.ts'

/**
 * Copies inside the bucket: the bytes don't come by here.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export interface CopyBucket {
  /**
   * Copies the object, provided that it still has this ETag. S3 reads every byte of it and says their SHA-256, also
   * for an object that was made of parts. When this throws, the outcome is unknown: the copy may yet appear.
   *
   * Needs s3:GetObject on the source and s3:PutObject on the copy.
   *
   * @param options.type content type of the copy
   * @returns the SHA-256 in lower-case hex; undefined from services that don't compute one
   * @throws {TintypeError} `storage_unavailable`
   */
  copy(
    from: string,
    to: string,
    options: { etag: string; type: string; signal: AbortSignal },
  ): Promise<string | undefined>
}

/** The largest object that one CopyObject takes, in bytes. */
export const largestCopy = 5 * 1024 ** 3

export function createCopyBucket(client: S3Client, Bucket: string): CopyBucket {
  return {
    copy: (from, to, { etag, type, signal }) =>
      unavailableOnError('copy', async () => {
        const { CopyObjectResult } = await client.send(
          new CopyObjectCommand({
            Bucket,
            Key: to,
            CopySource: `${Bucket}/${from}`,
            CopySourceIfMatch: etag,
            ChecksumAlgorithm: 'SHA256',
            MetadataDirective: 'REPLACE',
            ContentType: type,
          }),
          // The signal alone limits it: S3 answers when the last byte has been copied.
          { abortSignal: signal, requestTimeout: 0 },
        )
        // S3 may answer 200 and put an error into the body: whoever copied an object says its ETag.
        if (!CopyObjectResult?.ETag) throw new Error('S3 answered a CopyObject without an ETag.')
        const { ChecksumSHA256: base64 } = CopyObjectResult
        const whole = base64 !== undefined && !base64.includes('-')
        return whole ? Buffer.from(base64, 'base64').toString('hex') : undefined
      }),
  }
}
