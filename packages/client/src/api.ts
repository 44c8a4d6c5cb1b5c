import {
  type CompleteRequest,
  type Media,
  type PartsRequest,
  type ScanningUploads,
  type SignedParts,
  type UploadRequest,
  type UploadSession,
  type UploadStatus,
  uploadRoutes,
} from '@tintype/protocol'
import { UploadError } from './errors.ts'
import { readAnswer } from './json.ts'
import { type Credentials, type Outgoing, type RequestHeaders, send } from './transport.ts'

export interface ApiOptions {
  /** Without a slash at its end. */
  endpoint: string
  headers?: RequestHeaders | undefined
  credentials?: Credentials | undefined
  signal?: AbortSignal | undefined
}

/** The server's routes for direct uploads. Each call is one attempt; all but `cancel` throw UploadErrors. */
export interface UploadApi {
  /** @returns undefined where the server has no direct uploads */
  create(request: UploadRequest, idempotencyKey: string): Promise<UploadSession | undefined>
  /** @param stored parts that have arrived since the last call */
  sign(
    id: string,
    parts: PartsRequest['parts'],
    stored: NonNullable<PartsRequest['stored']>,
  ): Promise<SignedParts['parts']>
  /** Reports parts that have arrived. Ignores the signal and never throws. */
  record(id: string, stored: NonNullable<PartsRequest['stored']>): Promise<void>
  /** @returns undefined where there is no such upload (any more) */
  status(id: string): Promise<UploadStatus | undefined>
  complete(id: string, request: CompleteRequest): Promise<Media | ScanningUploads>
  /** Adds to a media what a form can't bring. */
  describe(id: string, about: Record<string, unknown>): Promise<Media>
  /** Ignores the signal and never throws: what could not be cancelled expires. */
  cancel(id: string): Promise<void>
}

export function createUploadApi({ endpoint, headers, credentials, signal }: ApiOptions): UploadApi {
  const outgoing = (
    method: Outgoing['method'],
    path: string,
    body?: unknown,
    more?: Record<string, string>,
  ): Outgoing => ({
    method,
    url: endpoint + path,
    headers: {
      Accept: 'application/json',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...more,
    },
    own: headers,
    credentials,
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  /** @param member what the answer has to hold */
  const call = async (
    member: string,
    method: Outgoing['method'],
    path: string,
    body?: unknown,
    more?: Record<string, string>,
  ) => readAnswer(await send({ ...outgoing(method, path, body, more), signal }), member)

  return {
    create: (request, key) =>
      call('id', 'POST', uploadRoutes.uploads, request, { 'Idempotency-Key': key }).catch(
        absent(hasNoRoute),
      ) as Promise<UploadSession | undefined>,
    async sign(id, parts, stored) {
      const body: PartsRequest = stored.length > 0 ? { parts, stored } : { parts }
      return ((await call('parts', 'POST', uploadRoutes.uploadParts(id), body)) as SignedParts).parts
    },
    async record(id, stored) {
      await send(outgoing('POST', uploadRoutes.uploadParts(id), { parts: [], stored })).catch(() => {})
    },
    // A proxy's 404 doesn't say that the server has forgotten it.
    status: (id) =>
      call('state', 'GET', uploadRoutes.upload(id)).catch(
        absent(({ code }) => code === 'not_found'),
      ) as Promise<UploadStatus | undefined>,
    complete: (id, request) =>
      call('id', 'POST', uploadRoutes.uploadComplete(id), request) as Promise<Media | ScanningUploads>,
    describe: (id, about) => call('id', 'PATCH', `${uploadRoutes.media}/${id}`, about) as Promise<Media>,
    async cancel(id) {
      await send(outgoing('DELETE', uploadRoutes.upload(id))).catch(() => {})
    },
  }
}

const hasNoRoute = ({ status }: UploadError) => status === 404 || status === 405

/** Turns such an error into undefined. */
const absent = (isAbsence: (error: UploadError) => boolean) => (error: unknown) => {
  if (error instanceof UploadError && isAbsence(error)) return undefined
  throw error
}
