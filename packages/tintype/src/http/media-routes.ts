import { fields, type Media } from '@tintype/protocol'
import { type Request, type Response, Router } from 'express'
import type { Bucket } from '../bucket/bucket.ts'
import { TintypeError } from '../errors.ts'
import type { Intake } from '../intake/form/intake.ts'
import type { Idempotency } from '../intake/idempotency.ts'
import { checkCaption, type MediaApi, present } from '../media-api.ts'
import { clientSignal } from '../memory/client-signal.ts'
import type { OwnAddress } from './address.ts'
import { keepBody } from './guard.ts'
import { formPage, wantsHtml } from './html.ts'
import { methodNotAllowed, type ReadJson } from './json.ts'
import { receiveMedia } from './receive.ts'

export interface MediaRoutesOptions {
  media: MediaApi
  intake: Intake
  idempotency: Idempotency
  bucket: Bucket
  /** @throws {TintypeError} `unauthenticated` */
  ownerOf(req: Request): Promise<string>
  readJson: ReadJson
  own: OwnAddress
}

/** `/media` and what is below it. */
export function mediaRoutes({
  media,
  intake,
  idempotency,
  bucket,
  ownerOf,
  readJson,
  own,
}: MediaRoutesOptions): Router {
  const router = Router()

  router
    .route('/media')
    .post(async (req, res) => {
      keepBody(req)
      const owner = await ownerOf(req)
      const { made, isNew } = await receiveMedia(
        req,
        res,
        { intake, idempotency },
        { owner, field: fields.file },
      )
      const answer = await Promise.all(made.map((one) => present(one, bucket)))
      if (wantsHtml(req)) res.redirect(303, formPage(req, own))
      else sendCreated(res.status(isNew ? 201 : 200), answer, own)
    })
    .get(async (req, res) => {
      const owner = await ownerOf(req)
      res.json(await media.list({ owner, ...pageQuery(req.query) }))
    })
    .all(methodNotAllowed('GET, POST'))

  router
    .route('/media/:id')
    .get(async (req, res) => {
      const found = await media.get(req.params.id, { owner: await ownerOf(req) })
      if (!found) throw absent()
      res.json(found)
    })
    .patch(async (req, res) => {
      const owner = await ownerOf(req)
      const body = await readJson.small(req)
      if (!Object.hasOwn(body, 'caption')) {
        throw new TintypeError('invalid_parameter', 'Send {"caption": "…"}: nothing else can be changed.')
      }
      res.json(await media.setCaption(req.params.id, checkCaption(body.caption), { owner }))
    })
    .put(async (req, res) => {
      keepBody(req)
      const owner = await ownerOf(req)
      if (!(await media.get(req.params.id, { owner }))) throw absent()
      const one = { owner, field: fields.file, maxFiles: 1 }
      await intake.receive(req, res, one, async ({ files: [file] }) => {
        if (!file) throw new TintypeError('no_file', `Send one part named "${fields.file}".`)
        const from = { owner, signal: clientSignal(req) }
        res.json(await present(await intake.replace(req.params.id, from, file), bucket))
      })
    })
    .delete(async (req, res) => {
      const { gone } = await media.remove(req.params.id, { owner: await ownerOf(req) })
      res.status(gone ? 204 : 202).end()
    })
    .all(methodNotAllowed('GET, PATCH, PUT, DELETE'))

  router
    .route('/media/:id/:name')
    .get(async (req, res) => {
      const download = req.query.download !== undefined
      const url = await media.url(req.params.id, req.params.name, { owner: await ownerOf(req), download })
      res.redirect(302, url)
    })
    .all(methodNotAllowed('GET'))

  return router
}

function sendCreated(res: Response, made: Media[], own: OwnAddress): void {
  const [only] = made
  if (only && made.length === 1) res.location(`${own.here().router}/media/${only.id}`)
  // Not json(): nobody asks whether what he has just made is still the same, so its ETag would be for nothing.
  res.setHeader('Content-Type', 'application/json; charset=utf-8')
  res.end(JSON.stringify({ media: made }))
}

function pageQuery(query: Request['query']): { limit?: number; cursor?: string } {
  const { limit, cursor } = query
  if (cursor !== undefined && typeof cursor !== 'string') {
    throw new TintypeError('invalid_parameter', 'cursor came more than once.')
  }
  return {
    ...(limit === undefined ? {} : { limit: wholeNumber(limit) }),
    ...(cursor === undefined ? {} : { cursor }),
  }
}

/** NaN for what is none: whoever has the limits says what would be right. */
function wholeNumber(value: unknown): number {
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN
}

function absent(): TintypeError {
  return new TintypeError('not_found', 'There is no such photo or video.')
}
