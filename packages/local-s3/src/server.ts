import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseTarget, type Target } from './canonical.ts'
import { type Context, type Operation, requireAllowed, requireBucket } from './context.ts'
import { S3Error } from './errors.ts'
import type { Identity } from './index.ts'
import {
  answerPreflight,
  deleteBucketCors,
  getBucketCors,
  putBucketCors,
  setCorsHeaders,
} from './operations/cors.ts'
import { deleteObject, deleteObjects } from './operations/delete-objects.ts'
import { getObject } from './operations/get-object.ts'
import { listObjectsV2 } from './operations/list-objects.ts'
import { putObject } from './operations/put-object.ts'
import { authenticate } from './sigv4.ts'
import type { Storage } from './storage.ts'
import { toXml } from './xml.ts'

export interface HandlerOptions {
  storage: Storage
  identities: ReadonlyMap<string, Identity>
  region: string
  basePath: string
  now: () => number
  log: (event: Record<string, unknown>) => void
}

/** IAM action that a request needs, and what carries it out. */
interface Route {
  /** Undefined: the operation asks for itself. */
  action: string | undefined
  operation: Operation
}

const headBucket: Operation = ({ res }) => void res.writeHead(200).end()

/** By method, what it is about, and the subresource in the query. What isn't here is NotImplemented. */
const routes: Record<string, Route> = {
  'GET key': { action: 'GetObject', operation: getObject },
  'HEAD key': { action: 'GetObject', operation: getObject },
  'PUT key': { action: 'PutObject', operation: putObject },
  'DELETE key': { action: 'DeleteObject', operation: deleteObject },
  'HEAD bucket': { action: 'ListBucket', operation: headBucket },
  'GET bucket list-type': { action: 'ListBucket', operation: listObjectsV2 },
  'POST bucket delete': { action: undefined, operation: deleteObjects },
  'PUT bucket cors': { action: 'PutBucketCORS', operation: putBucketCors },
  'GET bucket cors': { action: 'GetBucketCORS', operation: getBucketCors },
  'DELETE bucket cors': { action: 'PutBucketCORS', operation: deleteBucketCors },
}

/** Query parameters that choose no other operation. */
const harmless =
  /^(X-Amz-.*|x-amz-.*|x-id|response-.*|prefix|delimiter|max-keys|continuation-token|start-after|encoding-type|fetch-owner|content-md5)$/

/** Answers S3 requests in path style: authenticate, find the operation, authorise, carry it out. */
export function createHandler(options: HandlerOptions): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    const requestId = randomBytes(8).toString('hex').toUpperCase()
    res.setHeader('x-amz-request-id', requestId)
    res.setHeader('Server', 'local-s3')
    req.on('error', () => {})
    serve(req, res, options).catch((error: unknown) => sendError(req, res, error, requestId, options))
  }
}

async function serve(req: IncomingMessage, res: ServerResponse, options: HandlerOptions): Promise<void> {
  const { storage, basePath } = options
  const target = parse(req.url ?? '/')
  if (!target.path.startsWith(`${basePath}/`)) throw new S3Error('InvalidURI', 'The path is not served here')
  const path = target.path.slice(basePath.length + 1)
  const slash = path.indexOf('/')
  const bucket = slash < 0 ? path : path.slice(0, slash)
  const key = slash < 0 ? '' : path.slice(slash + 1)
  if (req.method === 'OPTIONS') return answerPreflight(req, res, storage, bucket)

  const request = { method: req.method ?? '', target, rawHeaders: req.rawHeaders }
  const auth = authenticate(request, { ...options, now: options.now() })
  if (Buffer.byteLength(key) > 1024) throw new S3Error('KeyTooLongError', 'Your key is too long')
  const query = new Map(target.query)
  const context: Context = { req, res, auth, storage, bucket, key, query, now: options.now() }
  const { action, operation } = findRoute(request.method, bucket, key, query)
  if (action) requireAllowed(context, action, action.includes('Bucket') ? '' : key)
  requireBucket(context)
  setCorsHeaders(req, res, storage, bucket)
  await operation(context)
}

function parse(url: string): Target {
  try {
    return parseTarget(url)
  } catch {
    throw new S3Error('InvalidURI', "Couldn't parse the specified URI.")
  }
}

function findRoute(method: string, bucket: string, key: string, query: ReadonlyMap<string, string>): Route {
  const subject = bucket === '' ? 'service' : key === '' ? 'bucket' : 'key'
  const subresources = [...query.keys()].filter((name) => !harmless.test(name))
  const route = routes[[method, subject, ...subresources].join(' ')]
  if (!route) {
    const message = `${method} on a ${subject}${subresources.length > 0 ? ` with ?${subresources.join('&')}` : ''} is not implemented`
    throw new S3Error('NotImplemented', message)
  }
  return route
}

function sendError(
  req: IncomingMessage,
  res: ServerResponse,
  thrown: unknown,
  requestId: string,
  { log }: HandlerOptions,
): void {
  if (res.headersSent || res.destroyed) {
    res.destroy()
    return
  }
  const error =
    thrown instanceof S3Error ? thrown : new S3Error('InternalError', 'We encountered an internal error.')
  const path = (req.url ?? '').replace(/\?.*/s, '')
  if (error.code === 'InternalError') log({ event: 's3.failed', path, error: String(thrown) })
  else log({ event: 's3.refused', method: req.method, path, code: error.code })
  const xml = toXml('Error', {
    Code: error.code,
    Message: error.message,
    ...error.details,
    Resource: path,
    RequestId: requestId,
  })
  const body = req.method === 'HEAD' ? '' : xml
  for (const name of ['Content-Type', 'ETag', 'Last-Modified', 'Content-Range']) res.removeHeader(name)
  // What is left of the body is not worth reading; a client that waits for 100 Continue won't send it at all.
  if (!req.complete && req.headers['content-length'] !== '0') res.setHeader('Connection', 'close')
  res.writeHead(error.status, {
    'Content-Type': 'application/xml',
    'Content-Length': Buffer.byteLength(body),
  })
  res.end(body)
  req.resume()
}
