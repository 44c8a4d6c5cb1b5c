/**
 * What S3 encrypts new objects with, where the bucket's default is not enough or its policy demands that each request
 * says so. https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
 */
export interface Encryption {
  /** SSE-S3, SSE-KMS, or KMS twice. */
  algorithm: 'AES256' | 'aws:kms' | 'aws:kms:dsse'
  /** Id or ARN of the KMS key. @default the one that the bucket or AWS has for S3 */
  kmsKeyId?: string | undefined
  /** Whether S3 asks KMS once for many objects. @default as the bucket has it */
  bucketKey?: boolean | undefined
}

export const encryptionAlgorithms: readonly Encryption['algorithm'][] = ['AES256', 'aws:kms', 'aws:kms:dsse']

/**
 * The headers of PutObject, CopyObject and CreateMultipartUpload; those of a part are its upload's. Browsers that
 * write by a signed URL have to send the same, so a bucket's CORS rules have to allow them.
 */
export function encryptionHeaders(encryption: Encryption | undefined): Record<string, string> {
  if (encryption === undefined) return {}
  const { algorithm, kmsKeyId, bucketKey } = encryption
  return {
    'x-amz-server-side-encryption': algorithm,
    ...(kmsKeyId === undefined ? {} : { 'x-amz-server-side-encryption-aws-kms-key-id': kmsKeyId }),
    ...(bucketKey === undefined
      ? {}
      : { 'x-amz-server-side-encryption-bucket-key-enabled': String(bucketKey) }),
  }
}
