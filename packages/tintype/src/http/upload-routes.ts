import {
  type CompleteRequest,
  type Media,
  type MultipartPlan,
  maxSignedParts,
  type SignedParts,
  type UploadSession,
  type UploadStatus,
} from '@tintype/protocol'
import { type Request, type Response, Router } from 'express'
import type { Bucket } from '../bucket/bucket.ts'
import type { MediaLimits } from '../inspect/limits.ts'
import type { Direct, OpenSession } from '../intake/direct/direct.ts'
import { checkAnnounced, partCount } from '../intake/direct/session-plan.ts'
import type { UploadState } from '../intake/direct/state.ts'
import { hashJson, type Idempotency } from '../intake/idempotency.ts'
import { checkCaption, present } from '../media-api.ts'
import type { UploadRow } from '../records/schema.ts'
import type { OwnAddress } from './address.ts'
import { methodNotAllowed, type ReadJson } from './json.ts'
import { problemOf } from './problem.ts'
import { readCompleteRequest, readPartsRequest, readUploadRequest } from './upload-requests.ts'

export interface UploadRoutesOptions {
  direct: Direct
  idempotency: Idempotency
  bucket: Bucket
  limits: MediaLimits
  /** @throws {TintypeError} `unauthenticated` */
  ownerOf(req: Request): Promise<string>
  readJson: ReadJson
  own: OwnAddress
}

/** Ten thousand parts with ETag and checksum. */
const completeBody = 2 * 1024 * 1024

/** `/uploads` and what is below it: direct uploads, whose bytes don't come by here. */
export function uploadRoutes({
  direct,
  idempotency,
  bucket,
  limits,
  ownerOf,
  readJson,
  own,
}: UploadRoutesOptions): Router {
  const router = Router()

  router
    .route('/uploads')
    .post(async (req, res) => {
      const owner = await ownerOf(req)
      const body = await readJson.small(req)
      const file = checkAnnounced(readUploadRequest(body), checkCaption(body.caption), limits)
      const header = req.get('Idempotency-Key')
      const request = header === undefined ? undefined : idempotency.begin(owner, header)
      try {
        const once = request && { key: request.key, hash: hashJson(file) }
        const { session, isNew } = await direct.begin(owner, file, once)
        res.location(`${own.here().router}/uploads/${session.row.id}`)
        sendJson(res.status(isNew ? 201 : 200), presentSession(session))
      } finally {
        request?.end()
      }
    })
    .all(methodNotAllowed('POST'))

  router
    .route('/uploads/:id')
    .get(async (req, res) => {
      const state = await direct.status(req.params.id, await ownerOf(req))
      res.json(await presentState(state, bucket))
    })
    .delete(async (req, res) => {
      await direct.cancel(req.params.id, await ownerOf(req))
      res.status(204).end()
    })
    .all(methodNotAllowed('GET, DELETE'))

  router
    .route('/uploads/:id/parts')
    .post(async (req, res) => {
      const owner = await ownerOf(req)
      const request = readPartsRequest(await readJson.small(req), maxSignedParts)
      sendJson(res, { parts: await direct.sign(req.params.id, owner, request) })
    })
    .all(methodNotAllowed('POST'))

  router
    .route('/uploads/:id/complete')
    .post(async (req, res) => {
      const owner = await ownerOf(req)
      const complete = async ({ parts }: CompleteRequest) => {
        const { media, isNew } = await direct.complete(req.params.id, owner, parts)
        res.location(`${own.here().router}/media/${media.media.id}`)
        sendJson(res.status(isNew ? 201 : 200), await present(media, bucket))
      }
      if (!hasBody(req)) return complete({})
      await readJson.large(req, completeBody, async (body) => complete(readCompleteRequest(body)))
    })
    .all(methodNotAllowed('POST'))

  return router
}

/** Answers a POST: without the hash for an ETag, by which nobody asks. */
function sendJson(res: Response, body: UploadSession | SignedParts | Media): void {
  res.setHeader('Content-Type', 'application/json; charset=utf-8')
  res.end(JSON.stringify(body))
}

function hasBody(req: Request): boolean {
  return req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0
}

function presentSession({ row, put }: OpenSession): UploadSession {
  const common = { id: row.id, expiresAt: timestamp(row.expires_at) }
  return put ? { ...common, put } : { ...common, multipart: planOf(row) }
}

async function presentState(found: UploadState, bucket: Bucket): Promise<UploadStatus> {
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
    return found.media ? { ...common, media: await present(found.media, bucket) } : common
  }
  if (found.isStored) return { ...common, landed: true }
  return 'put' in found ? { ...common, put: found.put } : { ...common, parts: found.parts }
}

function planOf(row: UploadRow): MultipartPlan {
  return { partSize: row.part_bytes ?? row.bytes, parts: partCount(row) }
}

function timestamp(time: number): string {
  return new Date(time).toISOString()
}
