/**
 * Conditional requests.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html, RFC 9110 section 13
 */
import { S3Error } from '../errors.ts'
import type { Condition, StoredObject } from '../storage/objects.ts'

type Headers = ReadonlyMap<string, string>
type Judged = Pick<StoredObject, 'etag' | 'modified'>

/**
 * Whether a reader that sends these headers needs the object. ETags outrank dates.
 *
 * @param prefix of the four headers, `x-amz-copy-source-` for the source of a copy
 * @throws S3Error PreconditionFailed
 */
export function checkRead(headers: Headers, object: Judged, prefix = ''): 'modified' | 'not-modified' {
  const [match, noneMatch, modified, unmodified] = readHeaders.map((name) => headers.get(prefix + name))
  if (match !== undefined) {
    if (!includesEtag(match, object.etag)) throw failed('If-Match')
  } else if (unmodified !== undefined && object.modified > Date.parse(unmodified)) {
    throw failed('If-Unmodified-Since')
  }
  if (noneMatch !== undefined) return includesEtag(noneMatch, object.etag) ? 'not-modified' : 'modified'
  return modified !== undefined && object.modified <= Date.parse(modified) ? 'not-modified' : 'modified'
}

/**
 * Checks a writer's If-Match and If-None-Match against the existing object: before the body is read, and again in the
 * transaction that commits.
 *
 * @param missing the error for an If-Match where nothing is
 * @throws S3Error NotImplemented for an If-None-Match other than `*`, as S3 does
 */
export function writeCondition(headers: Headers, missing: () => S3Error): Condition {
  const match = headers.get('if-match')
  const noneMatch = headers.get('if-none-match')
  if (noneMatch !== undefined && (noneMatch !== '*' || match !== undefined)) {
    throw new S3Error('NotImplemented', undefined, { details: { Header: 'If-None-Match' } })
  }
  return (current) => {
    if (noneMatch !== undefined && current !== undefined) throw failed('If-None-Match')
    if (match === undefined) return
    if (current === undefined) throw missing()
    if (!includesEtag(match, current.etag)) throw failed('If-Match')
  }
}

const readHeaders = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since']

/** Whether a list of ETags, quoted or not, weak or not, names this one. */
function includesEtag(list: string, etag: string): boolean {
  return list.split(',').some((item) => {
    const name = unquote(item.trim().replace(/^W\//, ''))
    return name === '*' || name === etag
  })
}

/** Clients send ETags with quotes and without. */
export function unquote(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1')
}

function failed(condition: string): S3Error {
  return new S3Error('PreconditionFailed', undefined, { details: { Condition: condition } })
}
