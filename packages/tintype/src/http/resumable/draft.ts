import { TintypeError } from '../../errors.ts'
import { RefusedByApp } from '../../hooks/refuse.ts'
import { contentTypeOf, refuseEncoded } from '../../intake/form/content-type.ts'
import type { AppendRequest } from '../../intake/resumable/append-request.ts'
import { inconsistentLength, mismatchingOffset } from '../../intake/resumable/errors.ts'
import type { Appended } from '../../intake/resumable/resumable.ts'
import { present } from '../../present.ts'
import type { ResumableUpload } from '../../records/resumable-records.ts'
import { readAboutBody } from '../body-requests.ts'
import {
  type Answer,
  type ApiRequest,
  emptyAnswer,
  type Headers,
  jsonAnswer,
  withHeaders,
} from '../exchange.ts'
import type { Call } from '../routes.ts'
import { scanningAnswer } from '../scanning.ts'
import { bodyLength, checkUpload, maxSize } from './about-upload.ts'
import { readDigests } from './digests.ts'
import type { ResumableRoutesOptions } from './options.ts'
import { lengthOf, uploadUrl, whatCameOf } from './what-came-of.ts'

/**
 * draft-ietf-httpbis-resumable-upload: the fields of its latest version, and of those that clients send the number of. What
 * they differ in: until 3, `Upload-Incomplete`; from 5 on, news of the progress; from 6 on, `application/partial-upload`
 * and `Upload-Limit`, whose `max-age` was `expires` first.
 */
const versions = [3, 4, 5, 6, 7, 8]
const partial = 'application/partial-upload'

interface Spoken {
  /** Undefined where the client names none: then it gets no interim answers. */
  version: number | undefined
  isComplete: boolean | undefined
}

/** What a request says by the fields of the draft. */
export function spokenBy({ headers }: Pick<ApiRequest, 'headers'>): Spoken {
  const named = Number(headers['upload-draft-interop-version'] ?? Number.NaN)
  const version = versions.includes(named) ? named : undefined
  const incomplete = booleanIn(headers['upload-incomplete'])
  const isComplete =
    version === 3 && incomplete !== undefined ? !incomplete : booleanIn(headers['upload-complete'])
  return { version, isComplete }
}

/** Whether a request with a file as its body asks for an upload that can go on later. */
export function isResumableCreation(request: Pick<ApiRequest, 'headers'>): boolean {
  return spokenBy(request).isComplete !== undefined && request.headers['idempotency-key'] === undefined
}

/** For OPTIONS. */
export function draftOptions({ limits }: Pick<ResumableRoutesOptions, 'limits'>): Headers {
  return { 'Accept-Patch': partial, 'Upload-Limit': `max-size=${maxSize(limits)}, min-size=1` }
}

export function createDraft(options: ResumableRoutesOptions) {
  const { resumable, sessionOwnerOf, limits, textLimits, bucket, refuse, now } = options

  function limitOf({ row }: ResumableUpload, version: number | undefined): string {
    const seconds = Math.max(0, Math.floor((row.expires_at - now()) / 1000))
    return `max-size=${maxSize(limits)}, min-size=1, ${version === 6 ? 'expires' : 'max-age'}=${seconds}`
  }

  async function speak(request: ApiRequest, work: (spoken: Spoken) => Promise<Answer>): Promise<Answer> {
    const spoken = spokenBy(request)
    const headers = versionHeader(spoken)
    try {
      refuseEncoded(request)
      return withHeaders(await work(spoken), headers)
    } catch (error) {
      const answer = refuse(error, request)
      const { code, status, offsets } = error instanceof TintypeError ? error : {}
      // Only what has come whole is looked into: the client is told that sending it again would be in vain.
      const isProcessed = status === 422 || error instanceof RefusedByApp
      // Also of what fails before: so clients tell what is about the upload from what is about the file.
      const isAboutUpload =
        offsets || (spoken.isComplete !== undefined && status !== undefined && status < 500)
      const about: Headers = {
        ...headers,
        ...(isAboutUpload ? completeness(spoken, false) : {}),
        ...(offsets ? { 'Upload-Offset': String(offsets.expected) } : {}),
        ...(code === 'too_large' ? { 'Upload-Limit': `max-size=${maxSize(limits)}, min-size=1` } : {}),
        ...(isProcessed ? completeness(spoken, true) : {}),
      }
      return { ...answer, headers: { ...about, ...answer.headers } }
    }
  }

  /** What the resource answers to whom it has got all of a file, or what is told of an upload that goes on. */
  async function answerTo(done: Appended, call: Call, spoken: Spoken, open: () => Answer): Promise<Answer> {
    if (done.state === 'open') return open()
    const about = {
      ...completeness(spoken, true),
      'Upload-Offset': String(lengthOf(done)),
      ...whatCameOf(done, call),
    }
    if (done.state === 'scanning') return withHeaders(scanningAnswer([done.upload.row], call.address), about)
    const media = await present(done.media, bucket, call.lead)
    const location = { Location: `${call.address.router}/media/${media.id}` }
    return jsonAnswer({ media: [media] }, 201, { ...location, ...about })
  }

  function append(
    request: ApiRequest,
    { version, isComplete }: Spoken,
    more: Pick<AppendRequest, 'offset'>,
  ): AppendRequest {
    const { headers, original } = request
    const size = integerIn(headers['upload-length'])
    const checksums = readDigests('Content-Digest', headers['content-digest'])
    const tells = version !== undefined && version >= 5
    return {
      ...more,
      isComplete: isComplete ?? false,
      length: bodyLength(headers) ?? (request.hasBody ? undefined : 0),
      ...(size === undefined ? {} : { size }),
      checksums,
      incoming: request,
      request: original,
      ...(tells && {
        onAcknowledged: (received: number) =>
          request.inform(104, { 'Upload-Offset': String(received), ...versionHeader({ version }) }),
      }),
    }
  }

  return {
    /** @param owner whose the request is */
    create: (request: ApiRequest, owner: string, call: Call, inPath?: string) =>
      speak(request, async (spoken) => {
        const { headers, original, signal } = request
        const { type } = contentTypeOf(request)
        const { rawName, caption, fields } = readAboutBody(request, textLimits, inPath)
        const length = bodyLength(headers) ?? (request.hasBody ? undefined : 0)
        const size = integerIn(headers['upload-length']) ?? (spoken.isComplete ? length : undefined) ?? null
        const sha256 = readDigests('Repr-Digest', headers['repr-digest'])
          .find(({ algorithm }) => algorithm === 'sha256')
          ?.digest.toString('hex')
        const { caption: _, ...others } = fields
        const text = { caption, fields: Object.keys(others).length === 0 ? null : JSON.stringify(others) }
        const file = checkUpload({ name: rawName, type, size, sha256 }, text, limits)
        const request104 = append(request, spoken, { offset: 0 })
        const from = { request: original, signal }
        const aboutIt = (upload: ResumableUpload): Headers => ({
          Location: uploadUrl(upload, call),
          'Upload-Limit': limitOf(upload, spoken.version),
        })
        const created = (upload: ResumableUpload, received: number) =>
          emptyAnswer(201, {
            ...aboutIt(upload),
            'Upload-Offset': String(received),
            ...completeness(spoken, false),
          })
        const tell = (upload: ResumableUpload) =>
          spoken.version !== undefined &&
          request.inform(104, { ...aboutIt(upload), ...versionHeader(spoken) })
        if (!request.hasBody && !spoken.isComplete) {
          const upload = await resumable.open(owner, file, from)
          tell(upload)
          return created(upload, 0)
        }
        const done = await resumable.create(owner, file, from, request104, tell)
        return answerTo(done, call, spoken, () => created(done.upload, lengthOf(done)))
      }),

    state: (request: ApiRequest, call: Call) =>
      speak(request, async (spoken) => {
        const found = await resumable.state(call.id, await sessionOwnerOf(request))
        const { size } = found.upload.resumable
        const isEnded = found.state !== 'open'
        const length = isEnded ? lengthOf(found) : size
        return emptyAnswer(204, {
          'Cache-Control': 'no-store',
          'Upload-Offset': String(lengthOf(found)),
          'Upload-Limit': limitOf(found.upload, spoken.version),
          ...completeness(spoken, isEnded),
          ...(length === null ? {} : { 'Upload-Length': String(length) }),
          ...whatCameOf(found, call),
        })
      }),

    append: (request: ApiRequest, call: Call) =>
      speak(request, async (spoken) => {
        const owner = await sessionOwnerOf(request)
        const { headers } = request
        const isFree = spoken.version !== undefined && spoken.version < 6
        if (!isFree && contentTypeOf(request).type !== partial)
          throw new TintypeError('unsupported_body', `Send the bytes as ${partial}.`)
        const offset = integerIn(headers['upload-offset'])
        if (offset === undefined)
          throw new TintypeError('invalid_parameter', 'Upload-Offset has to be a whole number of bytes.')
        if (spoken.isComplete === undefined)
          throw new TintypeError(
            'invalid_parameter',
            'Say with Upload-Complete whether these are the last bytes: ?1 or ?0.',
          )
        const appending = append(request, spoken, { offset })
        const done = await resumable.append(call.id, owner, appending).catch((error: unknown) => {
          throw asOfDraft(error)
        })
        return answerTo(done, call, spoken, () =>
          emptyAnswer(spoken.version === 3 ? 201 : 204, {
            'Upload-Offset': String(lengthOf(done)),
            'Upload-Limit': limitOf(done.upload, spoken.version),
            ...completeness(spoken, false),
          }),
        )
      }),

    cancel: (request: ApiRequest, call: Call) =>
      speak(request, async () => {
        await resumable.cancel(call.id, await sessionOwnerOf(request))
        return emptyAnswer(204)
      }),
  }
}

/**
 * What can't be added to a complete upload begins elsewhere, or makes it longer than it is: the text has no error of its own
 * for that since version -12.
 */
function asOfDraft(error: unknown): unknown {
  if (!(error instanceof TintypeError) || error.code !== 'completed_upload') return error
  const { offsets, message } = error
  return offsets ? mismatchingOffset(offsets.expected, offsets.provided) : inconsistentLength(message)
}

function completeness({ version }: Pick<Spoken, 'version'>, isComplete: boolean): Headers {
  return version === 3
    ? { 'Upload-Incomplete': isComplete ? '?0' : '?1' }
    : { 'Upload-Complete': isComplete ? '?1' : '?0' }
}

function versionHeader({ version }: Pick<Spoken, 'version'>): Headers {
  return version === undefined ? {} : { 'Upload-Draft-Interop-Version': String(version) }
}

/** A Boolean or Integer of RFC 9651, with parameters or without; anything else is passed over. */
function booleanIn(header: string | string[] | undefined): boolean | undefined {
  const [, value] = /^\s*\?([01])\s*(?:;.*)?$/.exec(String(header ?? '')) ?? []
  return value === undefined ? undefined : value === '1'
}

function integerIn(header: string | string[] | undefined): number | undefined {
  const [, value] = /^\s*(\d{1,15})\s*(?:;.*)?$/.exec(String(header ?? '')) ?? []
  return value === undefined ? undefined : Number(value)
}
