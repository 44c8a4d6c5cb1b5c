import { fields as fieldNames, routes } from '@tintype/protocol'
import type { Bucket } from '../bucket/bucket.ts'
import { changedMeanwhile, TintypeError } from '../errors.ts'
import { isId } from '../ids.ts'
import { isFileItself } from '../intake/body/body-source.ts'
import type { FormShape } from '../intake/form/form-shape.ts'
import type { Intake } from '../intake/form/intake.ts'
import type { Idempotency } from '../intake/idempotency.ts'
import type { Log } from '../log.ts'
import { checkIds } from '../media-query.ts'
import { ownTurn } from '../own-turn.ts'
import { present } from '../present.ts'
import { changeable, checkChange } from '../record-checks.ts'
import { inParallel } from '../sweep/parallel.ts'
import type { OwnAddress } from './address.ts'
import { createBodyRequests } from './body-requests.ts'
import { mediaAnswer, namedRevisions, taggedAnswer } from './conditional.ts'
import { type ApiRequest, emptyAnswer, jsonAnswer, redirect } from './exchange.ts'
import { keepBody } from './guard.ts'
import { formPage, wantsHtml } from './html.ts'
import type { ReadJson } from './json.ts'
import { pageQuery } from './page-query.ts'
import { type PosterRoutesOptions, posterRoutes } from './poster-routes.ts'
import { asTintypeError, problemOf } from './problem.ts'
import { receiveMedia } from './receive.ts'
import { requestIdOf } from './request-id.ts'
import { createDraft, draftOptions, isResumableCreation } from './resumable/draft.ts'
import type { ResumableRoutesOptions } from './resumable/options.ts'
import type { Call, Handler, Route } from './routes.ts'
import { scanningAnswer } from './scanning.ts'
import { flagIn, type UndoRoutesOptions } from './undo-routes.ts'
import { createViewable, type ViewableOptions } from './viewable.ts'

export interface MediaRoutesOptions extends ViewableOptions, ResumableRoutesOptions, PosterRoutesOptions {
  undoFor: UndoRoutesOptions['undoFor']
  intake: Intake
  /** The forms that are taken here. */
  forms: { create: FormShape; replace: FormShape }
  idempotency: Idempotency
  bucket: Bucket
  readJson: ReadJson
  own: OwnAddress
  /** What clients may change of a media. */
  patchable: readonly string[]
  log: Log
}

/** How many one request may delete. */
const mostDeleted = 100
const deletedAtOnce = 4

/** `/media` and what is below it. */
export function mediaRoutes(options: MediaRoutesOptions): Route[] {
  const { mediaFor, undoFor, intake, idempotency, bucket, ownerOf, readJson, own, forms, patchable, log } =
    options
  const viewable = createViewable(options)
  const bodies = createBodyRequests(options)
  const draft = createDraft(options)

  /** Clients that can go on with an upload later say so: the draft's "Upgrading To Resumable Uploads". */
  const createOfBody = (request: ApiRequest, owner: string, call: Call, inPath?: string) =>
    (isResumableCreation(request) ? draft : bodies).create(request, owner, call, inPath)

  const about: Handler = () => emptyAnswer(204, { Allow: 'GET, HEAD, POST', ...draftOptions(options) })

  const create: Handler = async (request, call) => {
    keepBody(request)
    const { address, lead } = call
    const owner = await ownerOf(request)
    if (isFileItself(request)) return createOfBody(request, owner, call)
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
    const { removed, ...page } = pageQuery(request)
    await ownTurn()
    if (!removed) return taggedAnswer(await mediaFor(lead).list({ owner, ...page }), request)
    const { limit, cursor, ...others } = page
    if (Object.keys(others).length > 0)
      throw new TintypeError('invalid_parameter', 'removed goes with limit and cursor alone.')
    return taggedAnswer(await undoFor(lead).listRemoved({ owner, limit, cursor }), request)
  }

  const show: Handler = async (request, { id, lead }) => {
    const { media } = await viewable(id, request, lead)
    return mediaAnswer(media, request)
  }

  const update: Handler = async (request, { id, lead }) => {
    const owner = await ownerOf(request)
    const body = await readJson.small(request)
    // A client may send back the whole media that it has: what can never be changed is passed over.
    const change = Object.fromEntries(
      changeable.flatMap((name) => (Object.hasOwn(body, name) ? [[name, body[name]]] : [])),
    )
    checkChange(change, patchable)
    const revision = namedRevisions(request)
    return mediaAnswer(await mediaFor(lead).update(id, change, { owner, revision }), request)
  }

  const replace: Handler = async (request, call) => {
    keepBody(request)
    const { id, lead } = call
    const owner = await ownerOf(request)
    const isBody = isFileItself(request)
    // `curl -T beach.jpg …/media/` puts the name behind the address. No file's name looks like an id: that has no extension.
    if (isBody && !isId(id)) return createOfBody(request, owner, call, id)
    const replaces = await mediaFor(lead).get(id, { owner })
    if (!replaces) throw absent()
    const revisions = namedRevisions(request)
    // Before a byte is read; the transaction that replaces it asks again.
    if (revisions && !revisions.includes(replaces.revision)) throw changedMeanwhile(replaces)
    const { original, signal } = request
    const one = { owner, request: original, form: forms.replace, replaces }
    try {
      if (isBody) return await bodies.replace(request, owner, call, { media: replaces, revisions })
      return await intake.receive(request, one, async ({ files: [file], fields, memory }) => {
        if (!file) throw new TintypeError('no_file', `Send one part named "${fieldNames.file}".`)
        const from = { owner, way: 'form', fields, request: original, memory, signal, revisions } as const
        return mediaAnswer(await present(await intake.replace(id, from, file), bucket, lead), request)
      })
    } catch (error) {
      if (!(error instanceof TintypeError) || error.code !== 'precondition_failed') throw error
      throw changedMeanwhile(await mediaFor(lead).get(id, { owner }))
    }
  }

  const remove: Handler = async (request, { id, lead }) => {
    const owner = await ownerOf(request)
    const how = { owner, revision: namedRevisions(request), final: flagIn(request, 'final') }
    const { gone, restorableUntil } = await mediaFor(lead).remove(id, how)
    if (restorableUntil !== undefined) return jsonAnswer({ restorableUntil })
    return emptyAnswer(gone ? 204 : 202)
  }

  /** What goes wrong with one does not stop the others. */
  const removeMany: Handler = async (request, { lead }) => {
    const owner = await ownerOf(request)
    const { final, ...body } = await readJson.small(request)
    const ids = checkIds(body.ids, mostDeleted)
    if (final !== undefined && typeof final !== 'boolean')
      throw new TintypeError('invalid_parameter', 'final is true or false.')
    const media = mediaFor(lead)
    const removeOne = async (id: string) => {
      try {
        const { gone, restorableUntil } = await media.remove(id, { owner, final })
        return restorableUntil === undefined ? { status: gone ? 204 : 202 } : { status: 200, restorableUntil }
      } catch (thrown) {
        const error = asTintypeError(thrown)
        if (error.status >= 500)
          log.error('media.remove_failed', { requestId: requestIdOf(request.original), id, error: thrown })
        return problemOf(error)
      }
    }
    const outcomes = new Map<string, object>()
    const distinct = [...new Set(ids)]
    await inParallel(distinct, deletedAtOnce, async (id) => void outcomes.set(id, await removeOne(id)))
    return jsonAnswer({ results: ids.map((id) => ({ id, ...outcomes.get(id) })) })
  }

  const view: Handler = async (request, { id, name, lead }) => {
    const download = new URLSearchParams(request.query).has('download')
    const { whose } = await viewable(id, request, lead)
    return redirect(302, await mediaFor(lead).url(id, name, { ...whose, download }))
  }

  return [
    { path: '/media', methods: { GET: list, POST: create, OPTIONS: about } },
    { path: routes.mediaDelete, methods: { POST: removeMany } },
    { path: '/media/:id', methods: { GET: show, PATCH: update, PUT: replace, DELETE: remove } },
    ...posterRoutes(options, view),
    { path: '/media/:id/:name', methods: { GET: view } },
  ]
}

function absent(): TintypeError {
  return new TintypeError('not_found', 'There is no such photo or video.')
}
