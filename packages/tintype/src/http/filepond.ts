import { TintypeError } from '../errors.ts'
import { contentTypeOf } from '../intake/form/content-type.ts'
import type { FormShape } from '../intake/form/form-shape.ts'
import { type ApiRequest, emptyAnswer, type Headers, redirect } from './exchange.ts'
import { keepBody } from './guard.ts'
import type { MediaRoutesOptions } from './media-routes.ts'
import { receiveMedia } from './receive.ts'
import { bodyLength, checkUpload, readBytes } from './resumable/about-upload.ts'
import { lengthOf } from './resumable/what-came-of.ts'
import type { Handler, Route } from './routes.ts'
import { createViewable } from './viewable.ts'

/** The form field of a file: FilePond's own name for it, and that of our forms. */
const fileFields = ['filepond', 'file']
const chunkType = 'application/offset+octet-stream'

/**
 * `/filepond`: the server protocol of FilePond 4 (https://pqina.nl/filepond/docs/api/server/), whose every request goes to one
 * address. A file comes as a form, or in chunks as a resumable upload. The text that FilePond keeps in the page's own form, and
 * that the app gets with it, is the id of the media.
 */
export function filePondRoutes(options: MediaRoutesOptions): Route[] {
  const { resumable, intake, idempotency, forms, limits, ownerOf, sessionOwnerOf, mediaFor, readJson } =
    options
  const viewable = createViewable(options)
  const shape = formOfOneFile(forms.create)

  const process: Handler = async (request, { address }) => {
    keepBody(request)
    const owner = await ownerOf(request)
    const length = headerOf(request, 'upload-length')
    if (length !== undefined) return idAnswer(await begin(request, owner, readBytes('Upload-Length', length)))
    const form = { owner, request: request.original, form: shape }
    const { made } = await receiveMedia(request, { intake, idempotency }, form)
    const [only] = made
    if (!only) throw new TintypeError('no_file', 'Send one file, in a part named "filepond".')
    return idAnswer(only.media.id, { Location: `${address.router}/media/${only.media.id}` })
  }

  /** Its name is told with its chunks. */
  async function begin(request: ApiRequest, owner: string, size: number): Promise<string> {
    const { original, signal } = request
    const text = await intake.receive(
      request,
      { owner, request: original, form: shape },
      async (form) => form.fields,
    )
    const fields = Object.keys(text).length === 0 ? null : JSON.stringify(text)
    const file = checkUpload({ type: '', size }, { caption: null, fields }, limits)
    const { row } = await resumable.open(owner, file, { request: original, signal })
    return row.id
  }

  /**
   * FilePond cuts a file at fixed places, sends a chunk again from its beginning, and takes one of which a single byte has come for
   * one that is there: so a chunk is kept as a whole, or not at all. When the size is a multiple of the chunks', an empty
   * one follows the last.
   */
  const patch: Handler = async (request) => {
    keepBody(request)
    const owner = await sessionOwnerOf(request)
    if (contentTypeOf(request).type !== chunkType)
      throw new TintypeError('unsupported_body', `Send the chunk as ${chunkType}.`)
    const id = demand(request, 'patch')
    const offset = readBytes('Upload-Offset', headerOf(request, 'upload-offset'))
    const size = headerOf(request, 'upload-length')
    const length = bodyLength(request.headers)
    const name = Buffer.from(headerOf(request, 'upload-name') ?? '', 'latin1').toString()
    try {
      await resumable.append(id, owner, {
        offset,
        length,
        isAtomic: true,
        name,
        ...(size === undefined ? {} : { size: readBytes('Upload-Length', size) }),
        incoming: request,
        request: request.original,
      })
    } catch (error) {
      const { code, offsets } = error instanceof TintypeError ? error : {}
      const hasCome = length !== undefined && offsets !== undefined && offset + length <= offsets.expected
      const isComplete = code === 'completed_upload'
      if (!isComplete && !hasCome) throw error
      // It may still have to be published, or may have been refused.
      if (isComplete) await resumable.state(id, owner)
    }
    return emptyAnswer(204)
  }

  const state = async (request: ApiRequest, id: string) => {
    const found = await resumable.state(id, await sessionOwnerOf(request))
    return emptyAnswer(200, { 'Cache-Control': 'no-store', 'Upload-Offset': String(lengthOf(found)) })
  }

  const show: Handler = async (request, { lead }) => {
    const query = new URLSearchParams(request.query)
    if (query.has('patch')) return state(request, demand(request, 'patch'))
    const id = query.has('restore') ? demand(request, 'restore') : demand(request, 'load')
    const { whose } = await viewable(id, request, lead)
    return redirect(302, await mediaFor(lead).url(id, 'original', { ...whose, download: true }))
  }

  const revert: Handler = async (request, { lead }) => {
    const owner = await ownerOf(request)
    const id = (await readJson.words(request)).trim()
    try {
      await resumable.cancel(id, owner)
    } catch (error) {
      const isNoUpload = error instanceof TintypeError && /^(not_found|conflict)$/.test(error.code)
      if (!isNoUpload) throw error
      await mediaFor(lead).remove(id, { owner })
    }
    return emptyAnswer(204)
  }

  return [{ path: '/filepond', methods: { GET: show, POST: process, PATCH: patch, DELETE: revert } }]
}

function formOfOneFile(form: FormShape): FormShape {
  const fields = [...form.files.values()].flatMap((field) =>
    fileFields.map((name) => [name, { ...field, max: 1, required: false }] as const),
  )
  return { ...form, files: new Map(fields), maxFiles: 1 }
}

/** An id of the query. @throws {TintypeError} `invalid_parameter` */
function demand({ query }: ApiRequest, name: string): string {
  const [id, ...more] = new URLSearchParams(query).getAll(name)
  if (id !== undefined && more.length === 0) return id
  throw new TintypeError(
    'invalid_parameter',
    'Name one file by ?patch=, ?load= or ?restore= and its id. Files at other addresses are not fetched here.',
  )
}

function headerOf({ headers }: ApiRequest, name: string): string | undefined {
  return headers[name] as string | undefined
}

function idAnswer(id: string, headers: Headers = {}) {
  return { status: 201, headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers }, body: id }
}
