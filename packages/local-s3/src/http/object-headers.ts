import { account } from '../auth/authorize.ts'
import { S3Error } from '../errors.ts'

/**
 * The headers of a request that belong to the object: they are kept as they were sent and come back
 * with it. `aws-chunked` is a coding of the transfer, not of the object.
 *
 * @throws S3Error MetadataTooLarge, InvalidArgument for a name that could not come back as a header
 */
export function readObjectHeaders(headers: ReadonlyMap<string, string>): Record<string, string> {
  const kept: Record<string, string> = {}
  let size = 0
  for (const [name, value] of headers) {
    const meta = name.startsWith(metadataPrefix)
    if (meta) size += name.length - metadataPrefix.length + value.length
    if (meta && !/^[!#$%&'*+.^`|~\w-]+$/.test(name)) {
      throw new S3Error('InvalidArgument', 'The name of a metadata header is not a token.', {
        details: { ArgumentName: name },
      })
    }
    if (meta || contentHeaders.has(name)) kept[name] = value
  }
  if (size > maxMetadata) {
    throw new S3Error('MetadataTooLarge', undefined, { details: { Size: size, MaxSizeAllowed: maxMetadata } })
  }
  const codings = (kept['content-encoding'] ?? '').split(',').map((coding) => coding.trim())
  const encoding = codings.filter((coding) => coding !== 'aws-chunked' && coding !== '').join(',')
  delete kept['content-encoding']
  return encoding === '' ? kept : { ...kept, 'content-encoding': encoding }
}

/**
 * Refuses headers that would need a feature that is not served: encryption, tags, locks, ACLs and the like.
 *
 * @throws S3Error NotImplemented, AccessControlListNotSupported, InvalidStorageClass, AccessDenied
 */
export function refuseUnsupported(headers: ReadonlyMap<string, string>, forBucket = false): void {
  const acls = forBucket ? 'InvalidBucketAclWithObjectOwnership' : 'AccessControlListNotSupported'
  for (const [name, value] of headers) {
    if (unsupported.test(name) && value !== '') {
      throw new S3Error('NotImplemented', undefined, { details: { Header: name } })
    }
    if (name.startsWith('x-amz-grant-')) throw new S3Error(acls)
    if (name === 'x-amz-acl' && value !== 'private' && value !== 'bucket-owner-full-control') {
      throw new S3Error(acls)
    }
    if (name === 'x-amz-storage-class' && value !== 'STANDARD') {
      throw new S3Error(storageClasses.has(value) ? 'NotImplemented' : 'InvalidStorageClass')
    }
    if (name.endsWith('expected-bucket-owner') && value !== account) throw new S3Error('AccessDenied')
    if (name === 'x-amz-tagging-directive' && value !== 'COPY') throw new S3Error('NotImplemented')
    if (name === 'x-amz-object-ownership' && value !== 'BucketOwnerEnforced')
      throw new S3Error('NotImplemented')
  }
}

/** A value that did not come as a header, made fit for one: a line break would be a header of the client's own. */
export function withoutControls(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go
  return value.replace(/[\u0000-\u001f\u007f]/g, ' ')
}

/** The limit is 2 KB of names and values. */
const maxMetadata = 2048
const metadataPrefix = 'x-amz-meta-'
const contentHeaders = new Set([
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
])
const unsupported =
  /^x-amz-(server-side-encryption|copy-source-server-side-encryption|tagging$|object-lock|bucket-object-lock-enabled|website-redirect-location|write-offset-bytes|if-match-|rename-source)/
const storageClasses = new Set(
  'REDUCED_REDUNDANCY STANDARD_IA ONEZONE_IA INTELLIGENT_TIERING GLACIER DEEP_ARCHIVE OUTPOSTS GLACIER_IR SNOW EXPRESS_ONEZONE'.split(
    ' ',
  ),
)
