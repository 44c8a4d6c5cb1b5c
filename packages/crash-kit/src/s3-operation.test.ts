import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { isWrite, s3CallOf } from './s3-operation.ts'

const of = (method: string, url: string, headers = {}) =>
  s3CallOf({ method, url, headers } as unknown as IncomingMessage)

test('requests to S3 are told apart as its API names them', () => {
  assert.deepEqual(of('PUT', '/b/a%20b/c.jpg?X-Amz-Signature=1'), {
    operation: 'PutObject',
    key: 'a b/c.jpg',
  })
  const cases: [string, string, string][] = [
    ['POST', '/b/k?uploads', 'CreateMultipartUpload'],
    ['PUT', '/b/k?partNumber=1&uploadId=2', 'UploadPart'],
    ['POST', '/b/k?uploadId=2', 'CompleteMultipartUpload'],
    ['DELETE', '/b/k?uploadId=2', 'AbortMultipartUpload'],
    ['DELETE', '/b/k', 'DeleteObject'],
    ['POST', '/b?delete', 'DeleteObjects'],
    ['GET', '/b/k?uploadId=2', 'ListParts'],
    ['GET', '/b?uploads', 'ListMultipartUploads'],
    ['GET', '/b?list-type=2', 'ListObjects'],
    ['HEAD', '/b/k', 'HeadObject'],
  ]
  for (const [method, url, operation] of cases) assert.equal(of(method, url).operation, operation, url)
  assert.equal(of('PUT', '/b/k', { 'x-amz-copy-source': 'b/x' }).operation, 'CopyObject')
  assert.deepEqual(['PutObject', 'HeadObject'].map(isWrite), [true, false])
})
