/** What may be done with a bucket: an IAM policy document (version 2012-10-17). */
export interface PolicyDocument {
  Version: '2012-10-17'
  Statement: { Sid: string; Effect: 'Allow'; Action: string[]; Resource: string[] }[]
}

/** On the objects: what every way in needs. */
export const objectActions = ['s3:PutObject', 's3:GetObject', 's3:DeleteObject']
/** On the objects: to give up a multipart upload, and to resume one by what S3 has. */
export const multipartActions = ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts']

/**
 * What the app may do: three things to one bucket's objects, two more with multipart uploads, and nothing to the
 * bucket itself. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
 *
 * @example appPolicy('my-photos', { multipart: true })
 */
export function appPolicy(bucket: string, { multipart }: { multipart: boolean }): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'TintypeObjects',
        Effect: 'Allow',
        Action: multipart ? [...objectActions, ...multipartActions] : objectActions,
        Resource: [`arn:aws:s3:::${bucket}/*`],
      },
    ],
  }
}
