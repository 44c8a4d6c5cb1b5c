import type { ServerResponse } from 'node:http'
import type { Authentication } from '../auth/authenticate.ts'
import type { Authorizer } from '../auth/authorize.ts'
import { authenticateForm } from '../auth/post-form.ts'
import type { Verifier } from '../auth/verifier.ts'
import { readExpected } from '../body/digests.ts'
import { type Form, readForm } from '../body/form.ts'
import { maxObjectSize } from '../body/receive.ts'
import { S3Error } from '../errors.ts'
import { readObjectHeaders, refuseUnsupported, withoutControls } from '../http/object-headers.ts'
import type { S3Request } from '../http/request.ts'
import { sendEmpty, sendText } from '../http/respond.ts'
import { encode, encodePath } from '../http/uri.ts'
import { checkPostPolicy } from '../policy/post-policy.ts'
import type { StoredObject } from '../storage/objects.ts'
import type { Store } from '../storage/store.ts'
import { document, quoted } from '../xml/build.ts'
import { checkKey, checksumHeaders, writeObject } from './write-object.ts'

/** A POST to a bucket that is a browser's form: its credentials are in the form itself. */
export function isPostForm({ method, bucket, key, headers }: S3Request): boolean {
  const type = headers.get('content-type') ?? ''
  return method === 'POST' && bucket !== '' && key === '' && /^multipart\/form-data\b/i.test(type)
}

/**
 * An upload straight from an HTML form, within the policy that was signed for it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
 *
 * @param authorizerOf what an identity may do
 */
export async function postObject(
  request: S3Request,
  response: ServerResponse,
  {
    store,
    verifier,
    authorizerOf,
  }: {
    store: Store
    verifier: Verifier
    authorizerOf: (authentication: Authentication) => Authorizer
  },
): Promise<void> {
  const { bucket } = request
  store.buckets.demand(bucket)
  if (request.headers.get('expect')?.toLowerCase() === '100-continue') response.writeContinue()
  const form = await readForm(request.raw)
  const { fields } = form
  const authentication = authenticateForm(fields, verifier)
  const key = demandKey(form)
  const { min, max } = checkForm(form, { bucket, key, now: verifier.now() })
  const headers = headersOf(fields)
  refuseUnsupported(headers)
  checkKey(key)
  authorizerOf(authentication).demand('s3:PutObject', bucket, key)
  const object = await writeObject(
    { store, now: verifier.now },
    { bucket, key, headers: readObjectHeaders(headers) },
    withinRange(form.file, min),
    readExpected(headers, authentication.payload),
    { condition: () => {}, maxSize: max },
  )
  succeed(request, response, fields, object)
}

function demandKey({ fields, fileName }: Form): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own spelling
  const key = fields.get('key')?.replaceAll('${filename}', () => fileName)
  if (key !== undefined && key !== '') return key
  throw new S3Error(
    'InvalidArgument',
    "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
    {
      details: { ArgumentName: 'key', ArgumentValue: '' },
    },
  )
}

/** @throws S3Error InvalidPolicyDocument, AccessDenied */
function checkForm(
  { fields }: Form,
  { bucket, key, now }: { bucket: string; key: string; now: number },
): { min: number; max: number } {
  const policy = Buffer.from(fields.get('policy') ?? '', 'base64').toString()
  const verdict = checkPostPolicy(policy, { ...Object.fromEntries(fields), bucket, key }, undefined, now)
  if (!verdict.ok) throw new S3Error(verdict.code, verdict.message)
  const { min, max } = verdict.lengthRange ?? { min: 0, max: maxObjectSize }
  return { min, max: Math.min(max, maxObjectSize) }
}

/** A form's fields stand for headers, which hold bytes as Latin-1. */
function headersOf(fields: ReadonlyMap<string, string>): Map<string, string> {
  const headers = new Map<string, string>()
  for (const [name, value] of fields) {
    const header = name === 'acl' || name === 'tagging' ? `x-amz-${name}` : name
    headers.set(header, Buffer.from(withoutControls(value)).toString('latin1'))
  }
  return headers
}

async function* withinRange(
  file: AsyncIterable<Buffer>,
  min: number,
): AsyncGenerator<Buffer, Map<string, string>> {
  let size = 0
  try {
    for await (const bytes of file) {
      size += bytes.length
      yield bytes
    }
  } catch (cause) {
    throw new S3Error('MalformedPOSTRequest', undefined, { cause })
  }
  if (size < min) {
    throw new S3Error('EntityTooSmall', undefined, { details: { ProposedSize: size, MinSizeAllowed: min } })
  }
  return new Map()
}

function succeed(
  request: S3Request,
  response: ServerResponse,
  fields: ReadonlyMap<string, string>,
  object: StoredObject,
): void {
  const { bucket, key, etag } = object
  const base = `http://${request.headers.get('host')}${request.path.replace(/\/$/, '')}`
  const location = `${base}/${encodePath(key)}`
  const headers = { etag: quoted(etag), location, ...checksumHeaders(object) }
  const redirect = fields.get('success_action_redirect') ?? fields.get('redirect') ?? ''
  if (URL.canParse(redirect) && /^https?:/i.test(redirect)) {
    const target = new URL(redirect)
    const added = `bucket=${encode(bucket)}&key=${encode(key)}&etag=${encode(quoted(etag))}`
    target.search = target.search === '' ? added : `${target.search}&${added}`
    sendEmpty(response, 303, { ...headers, location: target.href })
    return
  }
  const status = fields.get('success_action_status')
  if (status !== '201') {
    sendEmpty(response, status === '200' ? 200 : 204, headers)
    return
  }
  const xml = document([
    'PostResponse',
    [
      ['Location', location],
      ['Bucket', bucket],
      ['Key', key],
      ['ETag', quoted(etag)],
    ],
  ])
  sendText(response, 201, 'application/xml', xml, headers)
}
