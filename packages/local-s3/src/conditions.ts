import type { IncomingHttpHeaders } from 'node:http'
import { S3Error } from './errors.ts'
import type { StoredObject } from './storage.ts'

/**
 * Conditional reads (RFC 9110, section 13). If-Match outweighs If-Unmodified-Since, If-None-Match outweighs
 * If-Modified-Since.
 * @returns whether the answer is 304
 * @throws {S3Error} `PreconditionFailed`
 */
export function isNotModified(headers: IncomingHttpHeaders, object: StoredObject): boolean {
  const seconds = Math.floor(object.modified / 1000) * 1000
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers
  const unmodifiedSince = date(headers['if-unmodified-since'])
  const modifiedSince = date(headers['if-modified-since'])
  if (ifMatch !== undefined) {
    if (!names(ifMatch, object)) throw preconditionFailed('If-Match')
  } else if (unmodifiedSince !== undefined && seconds > unmodifiedSince) {
    throw preconditionFailed('If-Unmodified-Since')
  }
  if (ifNoneMatch !== undefined) return names(ifNoneMatch, object)
  return modifiedSince !== undefined && seconds <= modifiedSince
}

/**
 * Conditional writes. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 * @throws {S3Error} `PreconditionFailed`; `NoSuchKey` for If-Match where there is nothing
 */
export function checkWriteConditions(headers: IncomingHttpHeaders, current: StoredObject | undefined): void {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== '*') {
      throw new S3Error(
        'NotImplemented',
        'A header you provided implies functionality that is not implemented',
      )
    }
    if (current) throw preconditionFailed('If-None-Match')
  }
  if (ifMatch !== undefined) {
    if (!current) throw new S3Error('NoSuchKey', 'The specified key does not exist.')
    if (!names(ifMatch, current)) throw preconditionFailed('If-Match')
  }
}

function names(header: string, { etag }: StoredObject): boolean {
  return header.split(',').some((one) => ['*', etag, `"${etag}"`].includes(one.trim().replace(/^W\//, '')))
}

function date(header: string | undefined): number | undefined {
  const time = header === undefined ? Number.NaN : Date.parse(header)
  return Number.isNaN(time) ? undefined : time
}

function preconditionFailed(condition: string): S3Error {
  const message = 'At least one of the pre-conditions you specified did not hold'
  return new S3Error('PreconditionFailed', message, { Condition: condition })
}
