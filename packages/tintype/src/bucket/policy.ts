/** An IAM policy or a bucket's, as far as we write them (version 2012-10-17). */
export interface PolicyDocument {
  Version: '2012-10-17'
  Statement: PolicyStatement[]
}

export interface PolicyStatement {
  Sid: string
  Effect: 'Allow' | 'Deny'
  Principal?: '*' | Record<string, string>
  Action: string[]
  Resource: string[]
  Condition?: Record<string, Record<string, string>>
}

/** On the objects: what every way in needs. GetObject is HEAD too, PutObject also parts and their completion. */
export const objectActions = ['s3:PutObject', 's3:GetObject', 's3:DeleteObject']
/** On the objects: to give up a multipart upload, and to resume one by what S3 has. */
export const multipartActions = ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts']
/** On the bucket: what the audit asks. */
const listActions = ['s3:ListBucket', 's3:ListBucketMultipartUploads'] as const

/**
 * What the app may do: three things to one bucket's objects, two more with multipart uploads, and nothing to the
 * bucket itself. With a prefix, all of it below that alone. The embedded S3 enforces it, `tintype aws` writes it, `tintype aws check` holds a key against it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
 *
 * @param options.partition what ARNs begin with: `aws-cn` in China, and so on
 * @example appPolicy('my-photos', { multipart: true, prefix: 'photos/' })
 */
export function appPolicy(
  bucket: string,
  { multipart, partition = 'aws', prefix = '' }: { multipart: boolean; partition?: string; prefix?: string },
): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'TintypeObjects',
        Effect: 'Allow',
        Action: multipart ? [...objectActions, ...multipartActions] : objectActions,
        Resource: [`arn:${partition}:s3:::${bucket}/${prefix}*`],
      },
    ],
  }
}

/**
 * What the audit may do, and the sweeper when it looks for lost multipart uploads: list. On the bucket itself, since
 * keys that exist are a fact about the bucket. With a prefix, objects are listed below that alone; uploads in progress
 * of the whole bucket, since S3 knows no such condition for them.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 *
 * @example listPolicy('my-photos', { prefix: 'photos/' })
 */
export function listPolicy(
  bucket: string,
  { partition = 'aws', prefix = '' }: { partition?: string; prefix?: string } = {},
): PolicyDocument {
  const Resource = [`arn:${partition}:s3:::${bucket}`]
  const common = { Effect: 'Allow', Resource } as const
  const [listBucket, listUploads] = listActions
  const below = { StringLike: { 's3:prefix': `${prefix}*` } }
  return {
    Version: '2012-10-17',
    Statement:
      prefix === ''
        ? [{ Sid: 'TintypeAudit', ...common, Action: [...listActions] }]
        : [
            { Sid: 'TintypeAudit', ...common, Action: [listBucket], Condition: below },
            { Sid: 'TintypeAuditUploads', ...common, Action: [listUploads] },
          ],
  }
}
