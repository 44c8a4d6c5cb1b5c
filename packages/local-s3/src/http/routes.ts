/**
 * Which request is which operation, and the permission it takes.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
import { S3Error } from '../errors.ts'
import { abortMultipartUpload } from '../operations/abort-multipart-upload.ts'
import * as configuration from '../operations/bucket-configuration.ts'
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  headBucket,
  listBuckets,
} from '../operations/buckets.ts'
import type { Operation } from '../operations/call.ts'
import { completeMultipartUpload } from '../operations/complete-multipart-upload.ts'
import { copyObject } from '../operations/copy-object.ts'
import { createMultipartUpload } from '../operations/create-multipart-upload.ts'
import { deleteObject } from '../operations/delete-object.ts'
import { deleteObjects } from '../operations/delete-objects.ts'
import { getBucketAcl, getBucketVersioning, getObjectAcl, refuseAcl } from '../operations/fixed-answers.ts'
import { getObject } from '../operations/get-object.ts'
import { getObjectAttributes } from '../operations/get-object-attributes.ts'
import { listMultipartUploads } from '../operations/list-multipart-uploads.ts'
import { listObjects, listObjectsV2, listObjectVersions } from '../operations/list-objects.ts'
import { listParts } from '../operations/list-parts.ts'
import { putObject } from '../operations/put-object.ts'
import { uploadPart } from '../operations/upload-part.ts'
import { uploadPartCopy } from '../operations/upload-part-copy.ts'
import type { S3Request } from './request.ts'

export interface Route {
  /** As S3 calls it. */
  name: string
  /** The permissions; none if the operation asks key by key. */
  actions: string[]
  operation: Operation
}

/**
 * The route of a request.
 *
 * @throws S3Error NotImplemented for a subresource that is not served, so that it never passes for a
 *   plain GET or PUT; MethodNotAllowed
 */
export function findRoute(request: S3Request): Route {
  const { method, bucket, key, query, headers } = request
  const target = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object'
  const names = [...query.keys()]
  const subresources = names.filter((name) => {
    if (parameters.has(name) || /^x-amz-/i.test(name)) return false
    return knownSubresources.has(name) || query.get(name) === ''
  })
  const here = table.filter((row) => row.method === method && row.target === target)
  const row = here.find(
    ({ needs, copies, allows }) =>
      needs.every((name) => query.has(name)) &&
      copies === (target === 'object' && method === 'PUT' && headers.has('x-amz-copy-source')) &&
      subresources.every((name) => needs.includes(name) || allows.includes(name)),
  )
  if (row !== undefined) return row
  if (here.length === 0 && !standardMethods.has(method)) throw new S3Error('MethodNotAllowed')
  if (subresources.length > 0) {
    throw new S3Error('NotImplemented', undefined, { details: { Subresource: subresources.join(', ') } })
  }
  throw new S3Error('MethodNotAllowed', undefined, {
    details: { Method: method, ResourceType: target.toUpperCase() },
  })
}

type Target = 'service' | 'bucket' | 'object'

interface Row extends Route {
  method: string
  target: Target
  /** What the query must have. */
  needs: string[]
  /** Subresources that the query may have. */
  allows: string[]
  copies: boolean
}

function row(
  request: string,
  name: string,
  actions: string,
  operation: Operation,
  { allows = [], copies = false }: { allows?: string[]; copies?: boolean } = {},
): Row {
  const [, method = '', target = '', query] = /^(\w+) (\w+)(?:\?(.*))?$/.exec(request) ?? []
  const needs = query === undefined ? [] : query.split('&')
  return {
    method,
    target: target as Target,
    needs,
    allows,
    copies,
    name,
    actions: actions.split(' ').filter(Boolean),
    operation,
  }
}

const version = { allows: ['versionId'] }
const part = { allows: ['versionId', 'partNumber'] }
const { cors, lifecycle, policy } = configuration

/** More specific routes come first. */
const table: Row[] = [
  row('GET service', 'ListBuckets', 's3:ListAllMyBuckets', listBuckets),

  row('PUT bucket', 'CreateBucket', 's3:CreateBucket', createBucket),
  row('HEAD bucket', 'HeadBucket', 's3:ListBucket', headBucket),
  row('DELETE bucket', 'DeleteBucket', 's3:DeleteBucket', deleteBucket),
  row('GET bucket?location', 'GetBucketLocation', 's3:GetBucketLocation', getBucketLocation),
  row('GET bucket?versioning', 'GetBucketVersioning', 's3:GetBucketVersioning', getBucketVersioning),
  row('GET bucket?acl', 'GetBucketAcl', 's3:GetBucketAcl', getBucketAcl),
  row('PUT bucket?acl', 'PutBucketAcl', 's3:PutBucketAcl', refuseAcl),
  row('GET bucket?cors', 'GetBucketCors', 's3:GetBucketCORS', cors.get),
  row('PUT bucket?cors', 'PutBucketCors', 's3:PutBucketCORS', cors.put),
  row('DELETE bucket?cors', 'DeleteBucketCors', 's3:PutBucketCORS', cors.remove),
  row(
    'GET bucket?lifecycle',
    'GetBucketLifecycleConfiguration',
    's3:GetLifecycleConfiguration',
    lifecycle.get,
  ),
  row(
    'PUT bucket?lifecycle',
    'PutBucketLifecycleConfiguration',
    's3:PutLifecycleConfiguration',
    lifecycle.put,
  ),
  row('DELETE bucket?lifecycle', 'DeleteBucketLifecycle', 's3:PutLifecycleConfiguration', lifecycle.remove),
  row('GET bucket?policy', 'GetBucketPolicy', 's3:GetBucketPolicy', policy.get),
  row('PUT bucket?policy', 'PutBucketPolicy', 's3:PutBucketPolicy', policy.put),
  row('DELETE bucket?policy', 'DeleteBucketPolicy', 's3:DeleteBucketPolicy', policy.remove),
  row('GET bucket?uploads', 'ListMultipartUploads', 's3:ListBucketMultipartUploads', listMultipartUploads),
  row('GET bucket?versions', 'ListObjectVersions', 's3:ListBucketVersions', listObjectVersions),
  row('GET bucket?list-type', 'ListObjectsV2', 's3:ListBucket', listObjectsV2),
  row('GET bucket', 'ListObjects', 's3:ListBucket', listObjects),
  row('POST bucket?delete', 'DeleteObjects', '', deleteObjects),

  row('GET object?uploadId', 'ListParts', 's3:ListMultipartUploadParts', listParts),
  row(
    'GET object?attributes',
    'GetObjectAttributes',
    's3:GetObject s3:GetObjectAttributes',
    getObjectAttributes,
    version,
  ),
  row('GET object?acl', 'GetObjectAcl', 's3:GetObjectAcl', getObjectAcl, version),
  row('PUT object?acl', 'PutObjectAcl', 's3:PutObjectAcl', refuseAcl, version),
  row('GET object', 'GetObject', 's3:GetObject', getObject, part),
  row('HEAD object', 'HeadObject', 's3:GetObject', getObject, part),
  row('PUT object?uploadId&partNumber', 'UploadPartCopy', 's3:PutObject', uploadPartCopy, { copies: true }),
  row('PUT object?uploadId&partNumber', 'UploadPart', 's3:PutObject', uploadPart),
  row('PUT object', 'CopyObject', 's3:PutObject', copyObject, { copies: true }),
  row('PUT object', 'PutObject', 's3:PutObject', putObject),
  row('POST object?uploads', 'CreateMultipartUpload', 's3:PutObject', createMultipartUpload),
  row('POST object?uploadId', 'CompleteMultipartUpload', 's3:PutObject', completeMultipartUpload),
  row('DELETE object?uploadId', 'AbortMultipartUpload', 's3:AbortMultipartUpload', abortMultipartUpload),
  row('DELETE object', 'DeleteObject', 's3:DeleteObject', deleteObject, version),
]

/** All that are served. */
export const operationNames = table.map(({ name }) => name)

const standardMethods = new Set(['GET', 'HEAD', 'PUT', 'POST', 'DELETE'])

/** Parameters of the operations above that are no subresources. */
const parameters = new Set([
  ...'prefix delimiter marker max-keys encoding-type start-after continuation-token fetch-owner'.split(' '),
  ...'key-marker version-id-marker upload-id-marker max-uploads part-number-marker max-parts'.split(' '),
  ...'max-buckets bucket-region x-id'.split(' '),
  ...'cache-control content-disposition content-encoding content-language content-type expires'
    .split(' ')
    .map((header) => `response-${header}`),
])

/** All that S3 knows; other names with an empty value count as subresources too. */
const knownSubresources = new Set(
  (
    'abac accelerate acl analytics attributes cors delete encryption intelligent-tiering inventory legal-hold ' +
    'lifecycle list-type location logging metadataConfiguration metadataInventoryTable metadataJournalTable ' +
    'metadataTable metrics notification object-lock ownershipControls partNumber policy policyStatus ' +
    'publicAccessBlock renameObject replication requestPayment restore retention select select-type session ' +
    'tagging torrent uploadId uploads versionId versioning versions website'
  ).split(' '),
)
