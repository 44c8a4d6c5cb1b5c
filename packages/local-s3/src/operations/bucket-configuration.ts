/** CORS, lifecycle and policy of a bucket: checked when they are put, given back as they were. */
import { demandDigest, readExpected } from '../body/digests.ts'
import { readText } from '../body/read-xml.ts'
import { S3Error, type S3ErrorCode } from '../errors.ts'
import { parseCors } from '../http/cors.ts'
import { sendEmpty, sendText } from '../http/respond.ts'
import { PolicyError, parsePolicy } from '../policy/index.ts'
import type { ConfigurationKind } from '../storage/buckets.ts'
import { normalizeLifecycle } from '../storage/lifecycle.ts'
import type { Call, Operation } from './call.ts'

/**
 * The operations on one kind of configuration.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
 */
function operations(
  kind: ConfigurationKind,
  {
    absent,
    type,
    normalize,
    stored,
  }: {
    absent: S3ErrorCode
    type: string
    /** The document as it is to be kept. @throws S3Error when it is wrong */
    normalize: (document: string, call: Call) => string
    /** The status of a successful put. */
    stored: 200 | 204
  },
): { get: Operation; put: Operation; remove: Operation } {
  return {
    get({ request: { bucket }, response, store }) {
      store.buckets.demand(bucket)
      const document = store.buckets.getConfiguration(bucket, kind)
      if (document === undefined) throw new S3Error(absent, undefined, { details: { BucketName: bucket } })
      sendText(response, 200, type, document)
    },
    async put(call) {
      const { request, response, store, body } = call
      store.buckets.demand(request.bucket)
      const expected = readExpected(request.headers, body.payload)
      if (type === 'application/xml') demandDigest(expected)
      const document = await readText(body, expected)
      store.buckets.setConfiguration(request.bucket, kind, normalize(document, call))
      sendEmpty(response, stored)
    },
    remove({ request: { bucket }, response, store }) {
      store.buckets.setConfiguration(bucket, kind, undefined)
      sendEmpty(response, 204)
    },
  }
}

export const cors = operations('cors', {
  absent: 'NoSuchCORSConfiguration',
  type: 'application/xml',
  normalize(document) {
    parseCors(document)
    return document
  },
  stored: 200,
})

export const lifecycle = operations('lifecycle', {
  absent: 'NoSuchLifecycleConfiguration',
  type: 'application/xml',
  normalize: normalizeLifecycle,
  stored: 200,
})

export const policy = operations('policy', {
  absent: 'NoSuchBucketPolicy',
  type: 'application/json',
  normalize: checkPolicy,
  stored: 204,
})

function checkPolicy(document: string, { request: { bucket } }: Call): string {
  try {
    const { Statement } = parsePolicy(document, 'bucket')
    for (const { Resource, NotResource } of [Statement].flat()) {
      for (const resource of [Resource ?? NotResource ?? []].flat()) {
        const name = /^arn:aws:s3:::([^/]*)/.exec(resource)?.[1]
        if (name !== bucket) throw new S3Error('MalformedPolicy', 'Policy has invalid resource')
      }
    }
    return document
  } catch (cause) {
    if (!(cause instanceof PolicyError)) throw cause
    throw new S3Error('MalformedPolicy', cause.message, { cause })
  }
}
