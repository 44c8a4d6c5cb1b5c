import { fields as fieldNames } from '@tintype/protocol'
import type { Bucket } from '../bucket/bucket.ts'
import { TintypeError } from '../errors.ts'
import type { FormShape } from '../intake/form/form-shape.ts'
import type { Intake } from '../intake/form/intake.ts'
import type { Idempotency } from '../intake/idempotency.ts'
import { type Lead, type MediaApi, present } from '../media-api.ts'
import { checkCaption } from '../record-checks.ts'
import type { OwnAddress } from './address.ts'
import { taggedAnswer } from './conditional.ts'
import { type ApiRequest, emptyAnswer, jsonAnswer, redirect } from './exchange.ts'
import { keepBody } from './guard.ts'
import { formPage, wantsHtml } from './html.ts'
import type { ReadJson } from './json.ts'
import { receiveMedia } from './receive.ts'
import type { Handler, Route } from './routes.ts'
import { scanningAnswer } from './scanning.ts'

export interface MediaRoutesOptions {
  /** The API of the library, its URLs leading where the request came. */
  mediaFor(lead: Lead): MediaApi
  intake: Intake
  /** The forms that are taken here. */
  forms: { create: FormShape; replace: FormShape }
  idempotency: Idempotency
  bucket: Bucket
  /** @throws {TintypeError} `unauthenticated` */
  ownerOf(request: ApiRequest): Promise<string>
  readJson: ReadJson
  own: OwnAddress
}

/** `/media` and what is below it. */
export function mediaRoutes(options: MediaRoutesOptions): Route[] {
  const { mediaFor, intake, idempotency, bucket, ownerOf, readJson, own, forms } = options

  const create: Handler = async (request, { address, lead }) => {
    keepBody(request)
    const owner = await ownerOf(request)
    const form = { owner, request: request.original, form: forms.create, mayAnswerEarly: true }
    const { made, scanning, isNew } = await receiveMedia(request, { intake, idempotency }, form)
    if (wantsHtml(request)) return redirect(303, formPage(request, own))
    if (scanning.length > 0) return scanningAnswer(scanning, address)
    const media = await Promise.all(made.map((one) => present(one, bucket, lead)))
    const [only] = media
    const location =
      only && media.length === 1 ? { Location: `${address.router}/media/${only.id}` } : undefined
    return jsonAnswer({ media }, isNew ? 201 : 200, location)
  }

  const list: Handler = async (request, { lead }) => {
    const owner = await ownerOf(request)
    return taggedAnswer(await mediaFor(lead).list({ owner, ...pageQuery(request) }), request)
  }

  const show: Handler = async (request, { id, lead }) => {
    const found = await mediaFor(lead).get(id, { owner: await ownerOf(request) })
    if (!found) throw absent()
    return taggedAnswer(found, request)
  }

  const setCaption: Handler = async (request, { id, lead }) => {
    const owner = await ownerOf(request)
    const body = await readJson.small(request)
    if (!Object.hasOwn(body, 'caption')) {
      throw new TintypeError('invalid_parameter', 'Send {"caption": "…"}: nothing else can be changed.')
    }
    const changed = await mediaFor(lead).setCaption(id, checkCaption(body.caption), { owner })
    return taggedAnswer(changed, request)
  }

  const replace: Handler = async (request, { id, lead }) => {
    keepBody(request)
    const owner = await ownerOf(request)
    const replaces = await mediaFor(lead).get(id, { owner })
    if (!replaces) throw absent()
    const { original, signal } = request
    const one = { owner, request: original, form: forms.replace, replaces }
    return intake.receive(request, one, async ({ files: [file], fields, memory }) => {
      if (!file) throw new TintypeError('no_file', `Send one part named "${fieldNames.file}".`)
      const from = { owner, way: 'form', fields, request: original, memory, signal } as const
      return taggedAnswer(await present(await intake.replace(id, from, file), bucket, lead), request)
    })
  }

  const remove: Handler = async (request, { id, lead }) => {
    const { gone } = await mediaFor(lead).remove(id, { owner: await ownerOf(request) })
    return emptyAnswer(gone ? 204 : 202)
  }

  const view: Handler = async (request, { id, name, lead }) => {
    const download = new URLSearchParams(request.query).has('download')
    const url = await mediaFor(lead).url(id, name, { owner: await ownerOf(request), download })
    return redirect(302, url)
  }

  return [
    { path: '/media', methods: { GET: list, POST: create } },
    { path: '/media/:id', methods: { GET: show, PATCH: setCaption, PUT: replace, DELETE: remove } },
    { path: '/media/:id/:name', methods: { GET: view } },
  ]
}

function pageQuery({ query }: ApiRequest): { limit?: number; cursor?: string } {
  const all = new URLSearchParams(query)
  const [cursor, ...cursors] = all.getAll('cursor')
  if (cursors.length > 0) throw new TintypeError('invalid_parameter', 'cursor came more than once.')
  const limits = all.getAll('limit')
  return {
    ...(limits.length === 0 ? {} : { limit: wholeNumber(limits) }),
    ...(cursor === undefined ? {} : { cursor }),
  }
}

/** NaN for what is no number: the function with the limits reports what would be right. */
function wholeNumber([text = '', second]: string[]): number {
  return second === undefined && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
}

function absent(): TintypeError {
  return new TintypeError('not_found', 'There is no such photo or video.')
}
