import type { IncomingMessage } from 'node:http'

/** One request to S3, as its API calls it. */
export interface S3Call {
  operation: string
  /** Of its object, if it has one. */
  key: string
}

/** By method, query and headers. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html */
export function s3CallOf({ method = '', url = '', headers }: IncomingMessage): S3Call {
  const { pathname, searchParams } = new URL(url, 'http://s3')
  const key = decodeURIComponent(pathname.split('/').slice(2).join('/'))
  return { key, operation: operationOf(method, key, searchParams, 'x-amz-copy-source' in headers) }
}

function operationOf(method: string, key: string, query: URLSearchParams, isCopy: boolean): string {
  const isUpload = query.has('uploadId')
  if (method === 'OPTIONS') return 'Preflight'
  if (method === 'HEAD') return key ? 'HeadObject' : 'HeadBucket'
  if (method === 'PUT') {
    if (isUpload) return isCopy ? 'UploadPartCopy' : 'UploadPart'
    if (query.has('tagging')) return 'PutObjectTagging'
    return key ? (isCopy ? 'CopyObject' : 'PutObject') : 'PutBucket'
  }
  if (method === 'POST') {
    if (query.has('uploads')) return 'CreateMultipartUpload'
    if (isUpload) return 'CompleteMultipartUpload'
    return query.has('delete') ? 'DeleteObjects' : 'PostObject'
  }
  if (method === 'DELETE') return isUpload ? 'AbortMultipartUpload' : key ? 'DeleteObject' : 'DeleteBucket'
  if (isUpload) return 'ListParts'
  if (key) return 'GetObject'
  return query.has('uploads') ? 'ListMultipartUploads' : 'ListObjects'
}

/** Whether it changes what is in the bucket. */
export function isWrite(operation: string): boolean {
  return !/^(Head|Get|List|Preflight)/.test(operation)
}
