/**
 * What every contestant writes to: an S3 that answers as S3 does and keeps next to nothing, in a process of its
 * own. Bodies are read and dropped, apart from very small objects, which tus reads back.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const keptBytes = 4096
/** Sizes of the last so many objects are remembered, for HEAD. */
const rememberedObjects = 100_000
const etag = '"d41d8cd98f00b204e9800998ecf8427e"'

interface StoredObject {
  size: number
  /** Of small objects. */
  body: Buffer | undefined
  metadata: Record<string, string>
}

const objects = new Map<string, StoredObject>()
const uploads = new Map<string, Map<number, number>>()
let lastUploadId = 0

const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (req, res) => {
  const [path = '/', search] = (req.url ?? '/').split('?') as [string, string?]
  const query = new URLSearchParams(search)
  answer(req, res, path, query).catch(() => res.destroy())
})
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})

async function answer(
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
  query: URLSearchParams,
): Promise<void> {
  const uploadId = query.get('uploadId')
  if (req.method === 'PUT') {
    const { size, kept } = await drain(req)
    if (uploadId !== null) uploads.get(uploadId)?.set(Number(query.get('partNumber')), size)
    else remember(path, { size, body: kept, metadata: echoed(req, 'x-amz-meta-') })
    res.writeHead(200, { etag, ...echoed(req, 'x-amz-checksum-') }).end()
    return
  }
  await drain(req)
  if (req.method === 'POST' && query.has('uploads')) return xml(res, created())
  if (req.method === 'POST' && uploadId !== null) return xml(res, completed(path, uploadId))
  if (req.method === 'GET' && uploadId !== null) return xml(res, parts(uploadId))
  if (req.method === 'GET' && query.has('uploads')) return xml(res, '<ListMultipartUploadsResult/>')
  if (req.method === 'DELETE') {
    if (uploadId === null) objects.delete(path)
    else uploads.delete(uploadId)
    res.writeHead(204).end()
    return
  }
  const isBucket = path.split('/').filter(Boolean).length < 2
  if (isBucket) res.writeHead(200).end()
  else read(req, res, objects.get(path))
}

function read(req: IncomingMessage, res: ServerResponse, object: StoredObject | undefined): void {
  if (!object) {
    const body = req.method === 'HEAD' ? '' : '<Error><Code>NoSuchKey</Code></Error>'
    res.writeHead(404, { 'content-type': 'application/xml' }).end(body)
    return
  }
  const headers = { etag, ...object.metadata, 'content-length': object.size, 'accept-ranges': 'bytes' }
  if (req.method === 'HEAD') res.writeHead(200, headers).end()
  else if (object.body) res.writeHead(200, headers).end(object.body)
  else res.writeHead(501).end()
}

async function drain(req: IncomingMessage): Promise<{ size: number; kept: Buffer | undefined }> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let size = 0
  let chunks: Buffer[] = []
  req.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= keptBytes) chunks.push(chunk)
    else chunks = []
  })
  req.on('end', resolve)
  req.on('error', reject)
  await promise
  return { size, kept: size <= keptBytes ? Buffer.concat(chunks) : undefined }
}

function remember(path: string, object: StoredObject): void {
  objects.set(path, object)
  if (objects.size <= rememberedObjects) return
  const [oldest] = objects.keys()
  if (oldest !== undefined) objects.delete(oldest)
}

/** Request headers that S3 repeats: checksums at once, metadata when the object is read. */
function echoed(req: IncomingMessage, prefix: string): Record<string, string> {
  const given = Object.entries(req.headers).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(given) as Record<string, string>
}

function created(): string {
  const id = String(++lastUploadId)
  uploads.set(id, new Map())
  return `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`
}

function completed(path: string, uploadId: string): string {
  const sizes = [...(uploads.get(uploadId)?.values() ?? [])]
  uploads.delete(uploadId)
  remember(path, { size: sizes.reduce((sum, size) => sum + size, 0), body: undefined, metadata: {} })
  return `<CompleteMultipartUploadResult><ETag>${etag}</ETag></CompleteMultipartUploadResult>`
}

function parts(uploadId: string): string {
  const list = [...(uploads.get(uploadId) ?? [])].map(
    ([number, size]) =>
      `<Part><PartNumber>${number}</PartNumber><Size>${size}</Size><ETag>${etag}</ETag></Part>`,
  )
  return `<ListPartsResult><IsTruncated>false</IsTruncated>${list.join('')}</ListPartsResult>`
}

function xml(res: ServerResponse, body: string): void {
  res.writeHead(200, { 'content-type': 'application/xml' }).end(body)
}
