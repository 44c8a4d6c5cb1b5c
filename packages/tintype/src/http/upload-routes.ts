import {
  type CompleteRequest,
  type MultipartPlan,
  maxSignedParts,
  type SignedParts,
  type UploadSession,
  type UploadStatus,
} from '@tintype/protocol'
import type { Bucket } from '../bucket/bucket.ts'
import type { MediaLimits } from '../inspect/limits.ts'
import type { OpenSession } from '../intake/direct/begin.ts'
import type { Direct } from '../intake/direct/direct.ts'
import { checkAnnounced, partCount } from '../intake/direct/session-plan.ts'
import type { UploadState } from '../intake/direct/state.ts'
import { readTextFields } from '../intake/direct/text-fields.ts'
import type { TextLimits } from '../intake/form/form-shape.ts'
import { hashJson, type Idempotency } from '../intake/idempotency.ts'
import { type Lead, present } from '../present.ts'
import { checkCaption } from '../record-checks.ts'
import type { UploadRow } from '../records/schema.ts'
import { taggedAnswer } from './conditional.ts'
import { type ApiRequest, emptyAnswer, jsonAnswer } from './exchange.ts'
import type { ReadJson } from './json.ts'
import { problemOf } from './problem.ts'
import { beginOnce } from './receive.ts'
import type { Handler, Route } from './routes.ts'
import { scanningAnswer } from './scanning.ts'
import { readCompleteRequest, readPartsRequest, readUploadRequest } from './upload-requests.ts'

export interface UploadRoutesOptions {
  direct: Direct
  idempotency: Idempotency
  bucket: Bucket
  limits: MediaLimits
  /** Of what may come beside a file. */
  textLimits: TextLimits
  /** @throws {TintypeError} `unauthenticated` */
  ownerOf(request: ApiRequest): Promise<string>
  /** The same for what belongs to a session that has begun: it doesn't count as a write. */
  sessionOwnerOf(request: ApiRequest): Promise<string>
  readJson: ReadJson
}

/** Ten thousand parts with ETag and checksum. */
const completeBody = 2 * 1024 * 1024

/** `/uploads` and what is below it: direct uploads, whose bytes don't come by here. */
export function uploadRoutes(options: UploadRoutesOptions): Route[] {
  const { direct, idempotency, bucket, limits, textLimits, ownerOf, sessionOwnerOf, readJson } = options

  const begin: Handler = async (request, { address, lead }) => {
    const { original, signal } = request
    const owner = await ownerOf(request)
    const body = await readJson.small(request)
    const text = { caption: checkCaption(body.caption), fields: readTextFields(body.fields, textLimits) }
    const file = checkAnnounced(readUploadRequest(body), text, limits)
    const claim = beginOnce(request, idempotency, owner)
    try {
      const once = claim && { key: claim.key, hash: hashJson({ ...file, fields: file.fields ?? undefined }) }
      const { session, isNew } = await direct.begin(owner, file, once, { request: original, signal })
      const location = { Location: `${address.router}/uploads/${session.row.id}` }
      return jsonAnswer(presentSession(session, lead), isNew ? 201 : 200, location)
    } finally {
      claim?.end()
    }
  }

  const status: Handler = async (request, { id, lead }) => {
    const state = await direct.status(id, await sessionOwnerOf(request))
    return taggedAnswer(await presentState(state, bucket, lead), request)
  }

  const cancel: Handler = async (request, { id }) => {
    await direct.cancel(id, await sessionOwnerOf(request))
    return emptyAnswer(204)
  }

  const sign: Handler = async (request, { id, lead }) => {
    const owner = await sessionOwnerOf(request)
    const wanted = readPartsRequest(await readJson.small(request), maxSignedParts)
    const parts: SignedParts['parts'] = await direct.sign(id, owner, wanted)
    return jsonAnswer({ parts: parts.map((part) => leading(part, lead)) })
  }

  const complete: Handler = async (request, { id, address, lead }) => {
    const owner = await sessionOwnerOf(request)
    const completeWith = async ({ parts }: CompleteRequest) => {
      const done = await direct.complete(id, owner, { parts, request: request.original })
      if ('scanning' in done) return scanningAnswer([done.scanning], address)
      const { media, isNew } = done
      const location = { Location: `${address.router}/media/${media.media.id}` }
      return jsonAnswer(await present(media, bucket, lead), isNew ? 201 : 200, location)
    }
    if (!request.hasBody) return completeWith({})
    return readJson.large(request, completeBody, async (body) => completeWith(readCompleteRequest(body)))
  }

  return [
    { path: '/uploads', methods: { POST: begin } },
    { path: '/uploads/:id', methods: { GET: status, DELETE: cancel } },
    { path: '/uploads/:id/parts', methods: { POST: sign } },
    { path: '/uploads/:id/complete', methods: { POST: complete } },
  ]
}

function leading<Signed extends { url: string }>(signed: Signed, lead: Lead): Signed {
  return { ...signed, url: lead(signed.url) }
}

function presentSession({ row, put }: OpenSession, lead: Lead): UploadSession {
  const common = { id: row.id, expiresAt: timestamp(row.expires_at) }
  return put ? { ...common, put: leading(put, lead) } : { ...common, multipart: planOf(row) }
}

async function presentState(found: UploadState, bucket: Bucket, lead: Lead): Promise<UploadStatus> {
  const { row } = found
  const common = {
    id: row.id,
    expiresAt: timestamp(row.expires_at),
    name: row.name,
    size: row.bytes,
    type: row.type,
    state: found.state,
    ...(row.part_bytes === null ? {} : { multipart: planOf(row) }),
  }
  if (found.state === 'refused') return { ...common, refusal: problemOf(found.refusal) }
  if (found.state === 'complete') {
    return found.media ? { ...common, media: await present(found.media, bucket, lead) } : common
  }
  if (found.state === 'scanning') return common
  if (found.isStored) return { ...common, landed: true }
  return 'put' in found ? { ...common, put: leading(found.put, lead) } : { ...common, parts: found.parts }
}

function planOf(row: UploadRow): MultipartPlan {
  return { partSize: row.part_bytes ?? row.bytes, parts: partCount(row) }
}

function timestamp(time: number): string {
  return new Date(time).toISOString()
}
