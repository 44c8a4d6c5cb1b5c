import { TintypeError } from '../../errors.ts'
import { isId } from '../../ids.ts'
import { refuseEncoded } from '../../intake/form/content-type.ts'
import { completed } from '../../intake/resumable/errors.ts'
import type { Appended, ResumableState } from '../../intake/resumable/resumable.ts'
import { type Answer, type ApiRequest, emptyAnswer, type Headers, withHeaders } from '../exchange.ts'
import type { Call } from '../routes.ts'
import { bodyLength, checkUpload, maxSize, readBytes } from './about-upload.ts'
import { readTusChecksum, tusChecksums } from './digests.ts'
import { readTusMetadata } from './metadata.ts'
import type { ResumableRoutesOptions } from './options.ts'
import { lengthOf, uploadUrl, whatCameOf } from './what-came-of.ts'

/** https://tus.io/protocols/resumable-upload, version 1.0.0 */
const version = '1.0.0'
const extensions =
  'creation,creation-with-upload,creation-defer-length,expiration,checksum,termination,concatenation'
const bodyType = 'application/offset+octet-stream'

/** Whether a request speaks tus. */
export function isTus({ headers }: Pick<ApiRequest, 'headers'>): boolean {
  return headers['tus-resumable'] !== undefined || isTusBody({ headers })
}

function isTusBody({ headers }: Pick<ApiRequest, 'headers'>): boolean {
  return headers['content-type']?.trim().toLowerCase() === bodyType
}

/** What the server can do, for OPTIONS. */
export function tusOptions({ limits }: Pick<ResumableRoutesOptions, 'limits'>): Headers {
  return {
    'Tus-Resumable': version,
    'Tus-Version': version,
    'Tus-Extension': extensions,
    'Tus-Max-Size': String(maxSize(limits)),
    'Tus-Checksum-Algorithm': tusChecksums,
  }
}

/** With the status that tus asks for, which its problem details then say as well (RFC 9457 section 3.1.2). */
function asTusHasIt(error: unknown): unknown {
  if (!(error instanceof TintypeError)) return error
  const { code, message, offsets, cause } = error
  if (code === 'checksum_mismatch')
    return new TintypeError('checksum_mismatch', message, { status: 460, cause })
  if (code !== 'completed_upload') return error
  return new TintypeError('completed_upload', message, { status: offsets ? 409 : 403, offsets, cause })
}

/** The requests of tus. What they throw is answered with the headers of tus, too. */
export function createTus(options: ResumableRoutesOptions) {
  const { resumable, ownerOf, sessionOwnerOf, limits, textLimits, refuse } = options

  async function speak(request: ApiRequest, work: () => Promise<Answer>): Promise<Answer> {
    const headers = { 'Tus-Resumable': version }
    try {
      if (request.headers['tus-resumable'] !== version) throw otherVersion()
      refuseEncoded(request)
      return withHeaders(await work(), headers)
    } catch (error) {
      const { code, offsets } = error instanceof TintypeError ? error : {}
      const answer = refuse(asTusHasIt(error), request)
      return {
        ...answer,
        headers: {
          ...headers,
          ...(code === 'unsupported_version' ? { 'Tus-Version': version } : {}),
          ...(offsets ? { 'Upload-Offset': String(offsets.expected) } : {}),
          ...answer.headers,
        },
      }
    }
  }

  function headersOf({ upload: { row, resumable } }: Appended | ResumableState, received: number): Headers {
    return {
      'Upload-Offset': String(received),
      'Upload-Expires': new Date(row.expires_at).toUTCString(),
      ...(resumable.concat === null ? {} : { 'Upload-Concat': resumable.concat }),
    }
  }

  async function createFinal(
    request: ApiRequest,
    owner: string,
    concat: string,
    call: Call,
  ): Promise<Answer> {
    const { headers, original, signal } = request
    if (headers['upload-length'] !== undefined)
      throw new TintypeError(
        'invalid_parameter',
        'The length of what is put together is that of its pieces: leave Upload-Length out.',
      )
    if (isTusBody(request) && request.hasBody) throw completed(0)
    const ids = concat.slice('final;'.length).trim().split(/ +/).map(idIn)
    const { metadata, ...about } = aboutOf(request)
    const file = { ...checkUpload({ ...about, size: null }, about, limits), metadata, concat }
    const done = await resumable.concatenate(owner, file, ids, { request: original, signal })
    const location = { Location: uploadUrl(done.upload, call) }
    return emptyAnswer(201, { ...location, ...headersOf(done, lengthOf(done)), ...whatCameOf(done, call) })
  }

  function aboutOf({ headers }: ApiRequest) {
    const metadata = headers['upload-metadata'] as string | undefined
    return { ...readTusMetadata(metadata, textLimits), metadata }
  }

  return {
    create: (request: ApiRequest, call: Call) =>
      speak(request, async () => {
        const owner = await ownerOf(request)
        const { headers, original, signal } = request
        const concat = headers['upload-concat'] as string | undefined
        if (concat?.startsWith('final;')) return createFinal(request, owner, concat, call)
        if (concat !== undefined && concat !== 'partial')
          throw new TintypeError('invalid_parameter', 'Upload-Concat is partial, or final; and the pieces.')
        const size = sizeOf(headers)
        const { metadata, ...about } = aboutOf(request)
        const file = { ...checkUpload({ ...about, size }, about, limits), metadata, concat }
        const from = { request: original, signal }
        if (!isTusBody(request) || !request.hasBody) {
          const upload = await resumable.open(owner, file, from)
          const location = { Location: uploadUrl(upload, call) }
          return emptyAnswer(201, { ...location, ...headersOf({ upload, state: 'open' }, 0) })
        }
        const appended = await resumable.create(owner, file, from, {
          offset: 0,
          length: bodyLength(headers),
          checksums: readTusChecksum(headers['upload-checksum']),
          incoming: request,
          request: original,
        })
        return emptyAnswer(201, {
          Location: uploadUrl(appended.upload, call),
          ...headersOf(appended, lengthOf(appended)),
          ...whatCameOf(appended, call),
        })
      }),

    state: (request: ApiRequest, call: Call) =>
      speak(request, async () => {
        const found = await resumable.state(call.id, await sessionOwnerOf(request))
        const { size, metadata } = found.upload.resumable
        const isOpen = found.state === 'open'
        const length = isOpen ? size : lengthOf(found)
        return emptyAnswer(200, {
          'Cache-Control': 'no-store',
          ...headersOf(found, lengthOf(found)),
          ...(length === null ? { 'Upload-Defer-Length': '1' } : { 'Upload-Length': String(length) }),
          ...(metadata === null ? {} : { 'Upload-Metadata': metadata }),
          ...whatCameOf(found, call),
        })
      }),

    append: (request: ApiRequest, call: Call) =>
      speak(request, async () => {
        const owner = await sessionOwnerOf(request)
        const { headers, original } = request
        if (!isTusBody(request)) throw new TintypeError('unsupported_body', `Send the bytes as ${bodyType}.`)
        const offset = readBytes('Upload-Offset', headers['upload-offset'] as string | undefined)
        const length = headers['upload-length'] as string | undefined
        const appended = await resumable.append(call.id, owner, {
          offset,
          length: bodyLength(headers),
          ...(length === undefined ? {} : { size: readBytes('Upload-Length', length) }),
          checksums: readTusChecksum(headers['upload-checksum']),
          incoming: request,
          request: original,
        })
        return emptyAnswer(204, { ...headersOf(appended, lengthOf(appended)), ...whatCameOf(appended, call) })
      }),

    cancel: (request: ApiRequest, call: Call) =>
      speak(request, async () => {
        await resumable.cancel(call.id, await sessionOwnerOf(request))
        return emptyAnswer(204)
      }),
  }
}

function sizeOf(headers: ApiRequest['headers']): number | null {
  const { 'upload-length': length, 'upload-defer-length': deferred } = headers as Record<
    string,
    string | undefined
  >
  if (deferred === undefined) return readBytes('Upload-Length', length)
  if (deferred === '1' && length === undefined) return null
  throw new TintypeError('invalid_parameter', 'Send either Upload-Length or Upload-Defer-Length: 1.')
}

/** An id, or a URL that ends with one. */
function idIn(url: string): string {
  const id =
    url
      .replace(/\/?([?#].*)?$/s, '')
      .split('/')
      .at(-1) ?? ''
  if (isId(id)) return id
  throw new TintypeError('invalid_parameter', 'Upload-Concat names an upload that is no piece of yours.')
}

function otherVersion(): TintypeError {
  return new TintypeError(
    'unsupported_version',
    `Send Tus-Resumable: ${version}: that is the version which is spoken here.`,
  )
}
