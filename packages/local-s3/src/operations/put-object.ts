import type { IncomingHttpHeaders } from 'node:http'
import { readBody } from '../body.ts'
import { checksumHeader } from '../checksum/index.ts'
import { checkWriteConditions } from '../conditions.ts'
import type { Operation } from '../context.ts'
import { S3Error } from '../errors.ts'

const maxMetadata = 2048

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export const putObject: Operation = async ({ req, res, auth, storage, bucket, key, query, now }) => {
  if (req.headers['x-amz-copy-source'] !== undefined) {
    throw new S3Error('NotImplemented', 'CopyObject is not implemented')
  }
  const headers = storedHeaders(req.headers)
  // Before the body is read, and again in the transaction that commits: of ten racers one wins.
  checkWriteConditions(req.headers, storage.get(bucket, key))
  if (req.headers.expect) res.writeContinue()

  const writer = await storage.createBlob()
  try {
    const { size, md5, checksum } = await readBody(req, query, auth, writer.write)
    await writer.finish()
    const object = { key, blob: writer.blob, size, etag: md5, checksum, headers, modified: now }
    await storage.put(bucket, object, (current) => checkWriteConditions(req.headers, current))
    res.setHeader('ETag', `"${md5}"`)
    if (checksum) {
      res.setHeader(checksumHeader(checksum.algorithm), checksum.value)
      res.setHeader('x-amz-checksum-type', 'FULL_OBJECT')
    }
    res.end()
  } catch (error) {
    await writer.discard()
    throw error
  }
}

/** The headers that are stored with an object and come back with it. */
function storedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const stored: Record<string, string> = {}
  let metadata = 0
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string') continue
    if (name.startsWith('x-amz-meta-')) {
      metadata += name.length - 'x-amz-meta-'.length + Buffer.byteLength(value)
      stored[name] = value
    } else if (/^(content-(type|disposition|language)|cache-control|expires)$/.test(name)) {
      stored[name] = value
    } else if (name === 'content-encoding') {
      const rest = value
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== 'aws-chunked')
      if (rest.length > 0) stored[name] = rest.join(',')
    }
  }
  if (metadata > maxMetadata) {
    const message = 'Your metadata headers exceed the maximum allowed metadata size'
    throw new S3Error('InvalidRequest', message, { MaxSizeAllowed: String(maxMetadata) })
  }
  return stored
}
