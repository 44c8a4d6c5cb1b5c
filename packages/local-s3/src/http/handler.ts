import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Authentication, authenticate } from '../auth/authenticate.ts'
import { createAuthorizer } from '../auth/authorize.ts'
import type { Verifier } from '../auth/verifier.ts'
import { createBody } from '../body/body.ts'
import { S3Error } from '../errors.ts'
import { isPostForm, postObject } from '../operations/post-object.ts'
import { parsePolicy } from '../policy/index.ts'
import type { Store } from '../storage/store.ts'
import { corsHeaders, parseCors, vary } from './cors.ts'
import { refuseUnsupported } from './object-headers.ts'
import { type Address, readRequest, type S3Request } from './request.ts'
import { sendEmpty, sendError } from './respond.ts'
import { findRoute } from './routes.ts'

/** The outcome of one request. Holds no query, header or body, and so nothing secret. */
export interface RequestEvent {
  /** As in the answer's `x-amz-request-id`. */
  requestId: string
  /** The HTTP method. */
  method: string
  /** The host that had to be signed: the request's own, or that of the address given to `handleAt`. */
  host: string
  /** Bucket and key, without the query. */
  path: string
  /** S3's name of the operation, e.g. `PutObject`; undefined when the request is none. */
  operation: string | undefined
  /** Name of the identity, once the signature is verified. */
  identity: string | undefined
  /** The HTTP status. */
  status: number
  /** Code of the S3 error, if there was one. */
  code: string | undefined
  /** The cause of an InternalError. */
  error: unknown
  /** From the request's head to the end of the answer. */
  milliseconds: number
}

interface Progress {
  request?: S3Request
  operation?: string
  identity?: string
}

/** Handles each request: read, authenticate, route, authorise, carry out, or answer with an error. */
export function createHandler({
  store,
  verifier,
  basePath,
  log,
}: {
  store: Store
  verifier: Verifier
  basePath: string
  log: (event: RequestEvent) => void
}): (raw: IncomingMessage, response: ServerResponse, address?: Address) => Promise<void> {
  const { now, region } = verifier

  async function answer(
    progress: Progress,
    raw: IncomingMessage,
    response: ServerResponse,
    address: Address | undefined,
  ): Promise<void> {
    const request = readRequest(raw, basePath, address)
    progress.request = request
    response.setHeader('x-amz-request-id', request.id)
    if (request.method === 'OPTIONS') {
      answerPreflight(request, response)
      return
    }
    for (const [name, value] of Object.entries(crossOrigin(request) ?? {})) response.setHeader(name, value)
    const authorizerOf = (authentication: Authentication) => {
      progress.identity = authentication.identity.name ?? authentication.identity.accessKeyId
      return createAuthorizer(request, authentication, bucketPolicy, now())
    }
    if (isPostForm(request)) {
      progress.operation = 'PostObject'
      await postObject(request, response, { store, verifier, authorizerOf })
      return
    }
    const authentication = authenticate(request, verifier)
    const authorizer = authorizerOf(authentication)
    const { name, actions, operation } = findRoute(request)
    progress.operation = name
    refuseUnsupported(request.headers, name === 'CreateBucket')
    for (const action of actions) {
      authorizer.demand(
        request.query.has('versionId') ? versionAction(action) : action,
        request.bucket,
        request.key,
      )
    }
    const body = createBody(request, response, authentication.payload)
    await operation({ request, response, authorizer, body, store, region, now })
  }

  function bucketPolicy(bucket: string) {
    const document = store.buckets.getConfiguration(bucket, 'policy')
    return document === undefined ? undefined : parsePolicy(document, 'bucket')
  }

  function crossOrigin({ bucket, method, headers }: S3Request, asked?: string[]) {
    const origin = headers.get('origin')
    const document = origin && store.buckets.getConfiguration(bucket, 'cors')
    return document ? corsHeaders(parseCors(document), { origin, method, asked }) : undefined
  }

  function answerPreflight(request: S3Request, response: ServerResponse): void {
    const { headers, bucket } = request
    const method = headers.get('access-control-request-method')
    if (!headers.has('origin') || method === undefined) throw new S3Error('BadRequest')
    store.buckets.demand(bucket)
    const asked = (headers.get('access-control-request-headers') ?? '')
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== '')
    const allowed = crossOrigin({ ...request, method }, asked)
    if (allowed === undefined) {
      response.setHeader('vary', vary)
      throw new S3Error('AccessForbidden')
    }
    sendEmpty(response, 200, allowed)
  }

  return async (raw, response, address) => {
    const started = performance.now()
    const progress: Progress = {}
    let refusal: S3Error | undefined
    try {
      await answer(progress, raw, response, address)
    } catch (error) {
      refusal = error instanceof S3Error ? error : new S3Error('InternalError', undefined, { cause: error })
      if (response.headersSent) {
        response.destroy()
        if (isHangUp(error)) refusal = undefined
      } else
        sendError(response, refusal, {
          id: progress.request?.id ?? '',
          resource: progress.request?.path ?? '',
        })
    }
    readAway(raw)
    const { request, operation, identity } = progress
    log({
      requestId: request?.id ?? '',
      method: raw.method ?? '',
      host: address?.host ?? raw.headers.host ?? '',
      path: request?.path ?? '',
      operation,
      identity,
      status: response.statusCode,
      code: refusal?.code,
      error: refusal?.code === 'InternalError' ? refusal.cause : undefined,
      milliseconds: performance.now() - started,
    })
  }
}

/**
 * Reads the rest of an unwanted body, so that the client gets to the answer; but not for ever, or a client could hold
 * connections with a byte now and then.
 */
function readAway(raw: IncomingMessage): void {
  raw.unpipe()
  raw.resume()
  if (raw.complete || raw.destroyed) return
  const cut = setTimeout(() => {
    if (!raw.complete) raw.socket.destroy()
  }, longestLeftover)
  // Where the answer was through first, both events may have been already: it keeps no process from ending.
  cut.unref()
  for (const event of ['end', 'close']) raw.once(event, () => clearTimeout(cut))
}

/** Milliseconds. */
const longestLeftover = 30_000

/** A client that disconnects before the end is no internal error. */
function isHangUp(error: unknown): boolean {
  return ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  )
}

/** The permission on a certain version, even if it is the only one. */
function versionAction(action: string): string {
  return action.replace(/Object(?=$|A)/, 'ObjectVersion')
}
