import { documentIn, present } from './answer.ts'
import { encryptionHeaders } from './encryption.ts'
import type { BucketOptions } from './options.ts'
import { unavailableOnError } from './retry.ts'
import type { Sender } from './send.ts'

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

export function createCopyBucket(
  { send }: Pick<Sender, 'send'>,
  { name, encryption }: Pick<BucketOptions, 'name' | 'encryption'>,
): CopyBucket {
  return {
    copy: (from, to, { etag, type, signal }) =>
      unavailableOnError(
        'copy',
        async () => {
          const answer = await send({
            method: 'PUT',
            key: to,
            query: { 'x-id': 'CopyObject' },
            headers: {
              'content-type': type,
              'x-amz-checksum-algorithm': 'SHA256',
              'x-amz-copy-source': `${name}/${from}`,
              'x-amz-copy-source-if-match': etag,
              'x-amz-metadata-directive': 'REPLACE',
              ...encryptionHeaders(encryption),
            },
            signal,
            // The signal alone limits it: S3 answers when the last byte has been copied.
            idle: 0,
          })
          const { fields } = documentIn(answer, {
            root: 'CopyObjectResult',
            fields: ['ETag', 'ChecksumSHA256'],
          })
          present(fields.ETag, 'the ETag of the copy')
          const base64 = fields.ChecksumSHA256
          // A composite checksum ("…-3") is of the parts' checksums, not of the bytes.
          return base64 && !base64.includes('-') ? Buffer.from(base64, 'base64').toString('hex') : undefined
        },
        { signal },
      ),
  }
}
