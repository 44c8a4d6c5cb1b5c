import { pipeline } from 'node:stream/promises'
import { checksumHeader } from '../checksum/index.ts'
import { S3Error } from '../errors.ts'
import { withoutControls } from '../http/object-headers.ts'
import { checkRead } from '../http/preconditions.ts'
import { type ByteRange, readRange } from '../http/range.ts'
import { sendEmpty } from '../http/respond.ts'
import { cameInParts, type StoredObject } from '../storage/objects.ts'
import { maxParts } from '../storage/uploads.ts'
import { quoted } from '../xml/build.ts'
import { type Call, demandObject, readInteger } from './call.ts'
import { checksumHeaders } from './write-object.ts'

/**
 * GetObject and HeadObject, whole, by range or by part number.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export async function getObject(call: Call): Promise<void> {
  const { request, response, store } = call
  const object = demandObject(call)
  const validators = {
    etag: quoted(object.etag),
    'last-modified': new Date(object.modified).toUTCString(),
  }
  if (checkRead(request.headers, object) === 'not-modified') {
    const cacheControl = object.headers['cache-control']
    sendEmpty(response, 304, {
      ...validators,
      ...(cacheControl === undefined ? {} : { 'cache-control': cacheControl }),
    })
    return
  }
  const part = readPart(call, object)
  const range = part?.range ?? askedRange(call, object)
  const { start, end } = range ?? { start: 0, end: object.size }
  const checksums = range === undefined ? checksumHeaders(object) : (part?.checksum ?? {})
  response.writeHead(range === undefined ? 200 : 206, {
    'content-type': 'binary/octet-stream',
    ...readable(object.headers),
    ...overrides(request.query),
    ...validators,
    'accept-ranges': 'bytes',
    'content-length': end - start,
    ...(range === undefined || end === start
      ? {}
      : { 'content-range': `bytes ${start}-${end - 1}/${object.size}` }),
    ...(part?.count === undefined ? {} : { 'x-amz-mp-parts-count': part.count }),
    ...(request.headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED' ? checksums : {}),
  })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  await store.blobs.read(store.objects.extents(object, start, end), (bytes) => pipeline(bytes, response))
}

/** If-Range with another ETag or an older date asks for the whole. */
function askedRange({ request: { headers } }: Call, object: StoredObject): ByteRange | undefined {
  const ifRange = headers.get('if-range')
  const isCurrent =
    ifRange === undefined || ifRange === quoted(object.etag) || Date.parse(ifRange) >= object.modified
  return isCurrent ? readRange(headers.get('range'), object.size) : undefined
}

/** An object that came in one piece has one part, number 1. */
function readPart({ request, store }: Call, object: StoredObject) {
  if (!request.query.has('partNumber')) return undefined
  if (request.headers.has('range')) {
    throw new S3Error('InvalidRequest', 'Cannot specify both Range header and partNumber query parameter')
  }
  const number = readInteger(request.query, 'partNumber', { min: 1, max: maxParts, otherwise: 1 })
  if (!cameInParts(object)) {
    if (number !== 1) throw new S3Error('InvalidPartNumber')
    return { range: { start: 0, end: object.size }, checksum: checksumHeaders(object), count: undefined }
  }
  const [part] = store.objects.parts(object, number - 1, 1)
  if (part?.number !== number) throw new S3Error('InvalidPartNumber')
  const { algorithm, type } = object.checksum
  const value = part.checksums[algorithm]
  return {
    range: { start: part.start, end: part.start + part.size },
    checksum: value === undefined ? {} : { [checksumHeader(algorithm)]: value, 'x-amz-checksum-type': type },
    count: store.objects.countParts(object),
  }
}

/** Metadata beyond ASCII comes back as RFC 2047 has it, which is how S3 does it. */
function readable(headers: Record<string, string>): Record<string, string> {
  const shown = { ...headers }
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('x-amz-meta-') && !/^[\x20-\x7e]*$/.test(value)) {
      shown[name] = `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`
    }
  }
  return shown
}

/** `response-content-type=...` and its like in the query change that header of the answer. */
function overrides(query: ReadonlyMap<string, string>): Record<string, string> {
  const changed: Record<string, string> = {}
  for (const header of overridable) {
    const value = query.get(`response-${header}`)
    if (value !== undefined) changed[header] = Buffer.from(withoutControls(value)).toString('latin1')
  }
  return changed
}

const overridable = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
]
