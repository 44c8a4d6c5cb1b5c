import { PutObjectCommand } from '@aws-sdk/client-s3'
import { encryptionAlgorithms } from 'tintype/internal/bucket/encryption'
import { type Finding, failed } from 'tintype/internal/bucket/finding'
import type { Subject } from './subject.ts'

/**
 * Where an object could not be stored: whether it can be with a header for encryption, as the policies of many buckets
 * demand. S3 doesn't say so itself.
 */
export async function demandedEncryption({
  aws: { s3 },
  bucket: Bucket,
  probe,
  encryption,
}: Subject): Promise<Finding | undefined> {
  for (const ServerSideEncryption of encryptionAlgorithms) {
    if (ServerSideEncryption === encryption.ServerSideEncryption) continue
    const Key = probe()
    try {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'probe', ServerSideEncryption }))
    } catch {
      continue
    }
    return failed(
      'the bucket takes objects as they are sent',
      `its policy demands the header x-amz-server-side-encryption: ${ServerSideEncryption}`,
      `Set S3_SSE to ${ServerSideEncryption}.`,
    )
  }
  return undefined
}

/** Whether the bucket takes an object without a checksum: with Object Lock it does not. */
export async function demandedChecksum({
  aws: { s3 },
  bucket: Bucket,
  probe,
  encryption,
  options,
}: Subject): Promise<Finding | undefined> {
  if (options.requireChecksum) return undefined
  try {
    await s3.send(new PutObjectCommand({ Bucket, Key: probe(), Body: 'probe', ...encryption }))
    return undefined
  } catch (error) {
    const { name, message } = error as Error
    if (!/checksum|content-md5/i.test(message)) throw error
    return failed(
      'the bucket takes objects without a checksum',
      `${name}: ${message}`,
      'Set S3_REQUIRE_CHECKSUM to on: direct uploads that announce no SHA-256 fail otherwise. With Object Lock, what people delete stays until its retention ends.',
    )
  }
}
