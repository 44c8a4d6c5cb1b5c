import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { type ChecksumAlgorithm, checksumHeader } from '../checksum/index.ts'
import { isNotModified } from '../conditions.ts'
import { type Context, noSuchKey, type Operation } from '../context.ts'
import { S3Error } from '../errors.ts'
import type { StoredObject } from '../storage.ts'

/**
 * GetObject and HeadObject, whole or one range.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export const getObject: Operation = async (context) => {
  const { req, res, storage, bucket, key } = context
  const object = storage.get(bucket, key)
  if (!object) throw noSuchKey(context)
  res.setHeader('ETag', `"${object.etag}"`)
  res.setHeader('Last-Modified', new Date(object.modified).toUTCString())
  if (isNotModified(req.headers, object)) {
    res.writeHead(304).end()
    return
  }
  const range = parseRange(req.headers.range, object.size)
  setHeaders(context, object, range === undefined)
  const { start, end } = range ?? { start: 0, end: object.size - 1 }
  res.setHeader('Content-Length', end - start + 1)
  if (range) {
    res.statusCode = 206
    res.setHeader('Content-Range', `bytes ${start}-${end}/${object.size}`)
  }
  if (req.method === 'HEAD' || object.size === 0) {
    res.end()
    return
  }
  // Opened before the answer begins: a deletion meanwhile takes the name away, not the bytes.
  const file = await open(storage.blobPath(object.blob))
  await pipeline(file.createReadStream({ start, end, highWaterMark: 256 * 1024 }), res)
}

function setHeaders({ res, query, req }: Context, object: StoredObject, whole: boolean): void {
  res.setHeader('Accept-Ranges', 'bytes')
  res.setHeader('Content-Type', 'binary/octet-stream')
  for (const [name, value] of Object.entries(object.headers)) res.setHeader(name, value)
  for (const name of [
    'content-type',
    'content-language',
    'expires',
    'cache-control',
    'content-disposition',
    'content-encoding',
  ]) {
    const override = query.get(`response-${name}`)
    if (override === undefined) continue
    if (/[^\t\x20-\x7e\x80-\xff]/.test(override)) {
      throw new S3Error('InvalidArgument', 'Header value cannot be represented using ISO-8859-1.')
    }
    res.setHeader(name, override)
  }
  // A checksum describes the whole object: it would only mislead beside a part of it.
  const mode = String(req.headers['x-amz-checksum-mode'] ?? query.get('x-amz-checksum-mode') ?? '')
  if (whole && object.checksum && mode.toUpperCase() === 'ENABLED') {
    res.setHeader(checksumHeader(object.checksum.algorithm as ChecksumAlgorithm), object.checksum.value)
    res.setHeader('x-amz-checksum-type', 'FULL_OBJECT')
  }
}

/** RFC 9110, section 14: one range of bytes. Several, or nonsense, are ignored as S3 does. */
function parseRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const last = size - 1
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1])
  const end = match[1] === '' || match[2] === '' ? last : Math.min(Number(match[2]), last)
  if (match[1] !== '' && match[2] !== '' && Number(match[2]) < start) return undefined
  if (start > last || (match[1] === '' && Number(match[2]) === 0)) {
    const details = { RangeRequested: String(header), ActualObjectSize: String(size) }
    throw new S3Error('InvalidRange', 'The requested range is not satisfiable', details)
  }
  return { start, end }
}
