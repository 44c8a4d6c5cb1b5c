/**
 * What every contestant writes to: an S3 that answers as S3 does and keeps next to nothing, in a process of its
 * own. Bodies are read and dropped, apart from very small objects, which tus reads back, and the first bytes of larger
 * ones, where our server looks for the type and a video's index. Read back, the rest of an object is zeros.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Counted, countedPath } from './counted.ts'

const smallObject = 4096
const largeObject = 5 * 1024 * 1024
/** Sizes of the last so many objects are remembered, for HEAD. */
const rememberedObjects = 100_000
const etag = '"d41d8cd98f00b204e9800998ecf8427e"'

interface StoredObject {
  size: number
  /** The whole of a small object, the beginning of a larger one. */
  head: Buffer | undefined
  metadata: Record<string, string>
}

const objects = new Map<string, StoredObject>()
const uploads = new Map<string, Map<number, Drained>>()
let lastUploadId = 0
const counted: Counted = { requests: 0, sent: 0, read: 0 }

const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (req, res) => {
  const [path = '/', search] = (req.url ?? '/').split('?') as [string, string?]
  if (path === countedPath) return void res.end(JSON.stringify(counted))
  counted.requests += 1
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
    const drained = await drain(req)
    if (uploadId !== null) uploads.get(uploadId)?.set(Number(query.get('partNumber')), drained)
    else remember(path, { ...drained, metadata: echoed(req, 'x-amz-meta-') })
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
  const [from, to] = rangeOf(req, object.size)
  const length = to - from + 1
  const headers = { etag, ...object.metadata, 'content-length': length, 'accept-ranges': 'bytes' }
  const range = { 'content-range': `bytes ${from}-${to}/${object.size}` }
  if (req.headers.range === undefined) res.writeHead(200, headers)
  else res.writeHead(206, { ...headers, ...range })
  if (req.method === 'HEAD') return void res.end()
  const body = Buffer.alloc(length)
  counted.read += length
  if (object.head && from < object.head.length) object.head.copy(body, 0, from)
  res.end(body)
}

/** First and last byte that are asked for. */
function rangeOf(req: IncomingMessage, size: number): [from: number, to: number] {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(req.headers.range ?? '') ?? []
  return [Number(from ?? 0), Math.min(size - 1, to ? Number(to) : size - 1)]
}

interface Drained {
  size: number
  head: Buffer | undefined
}

async function drain(req: IncomingMessage): Promise<Drained> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let size = 0
  const chunks: Buffer[] = []
  const isLarge = Number(req.headers['content-length']) >= largeObject
  req.on('data', (chunk: Buffer) => {
    size += chunk.length
    counted.sent += chunk.length
    if (size <= smallObject || (isLarge && chunks.length === 0)) chunks.push(Buffer.from(chunk))
    else if (chunks.length === 0) chunks.push(Buffer.from(chunk.subarray(0, smallObject)))
  })
  req.on('end', resolve)
  req.on('error', reject)
  await promise
  // What is sent as a stream has its checksum behind it.
  const decoded = req.headers['x-amz-decoded-content-length']
  return { size: decoded === undefined ? size : Number(decoded), head: Buffer.concat(chunks) }
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
  const uploaded = uploads.get(uploadId)
  uploads.delete(uploadId)
  const size = [...(uploaded?.values() ?? [])].reduce((sum, part) => sum + part.size, 0)
  remember(path, { size, head: uploaded?.get(1)?.head, metadata: {} })
  return `<CompleteMultipartUploadResult><ETag>${etag}</ETag></CompleteMultipartUploadResult>`
}

function parts(uploadId: string): string {
  const list = [...(uploads.get(uploadId) ?? [])].map(
    ([number, { size }]) =>
      `<Part><PartNumber>${number}</PartNumber><Size>${size}</Size><ETag>${etag}</ETag></Part>`,
  )
  return `<ListPartsResult><IsTruncated>false</IsTruncated>${list.join('')}</ListPartsResult>`
}

function xml(res: ServerResponse, body: string): void {
  res.writeHead(200, { 'content-type': 'application/xml' }).end(body)
}
