import type { Media } from '@tintype/protocol'
import type { Bucket } from '../bucket/bucket.ts'
import { TintypeError } from '../errors.ts'
import { sourceOfBody } from '../intake/body/body-source.ts'
import { fieldsOf, readTextFields } from '../intake/direct/text-fields.ts'
import { nameIn, ofBody, parseDisposition } from '../intake/form/disposition.ts'
import type { Fields } from '../intake/form/fields.ts'
import type { TextLimits } from '../intake/form/form-shape.ts'
import type { Intake } from '../intake/form/intake.ts'
import { hashRequest, type Idempotency, makeOnce } from '../intake/idempotency.ts'
import { present } from '../present.ts'
import { checkCaption } from '../record-checks.ts'
import type { MediaWithVariants } from '../records/media-records.ts'
import { mediaAnswer } from './conditional.ts'
import { type Answer, type ApiRequest, jsonAnswer } from './exchange.ts'
import { beginOnce, createOrScan } from './receive.ts'
import type { Call } from './routes.ts'
import { scanningAnswer } from './scanning.ts'

export interface BodyRequestsOptions {
  intake: Intake
  idempotency: Idempotency
  bucket: Bucket
  /** Of what may come beside a file. */
  textLimits: TextLimits
}

/** What a request says of the file that is its body. */
export interface AboutBody {
  rawName: string | undefined
  caption: string | null
  /** For the app's hooks: as a form would have brought them. */
  fields: Fields
}

/**
 * The name stands in Content-Disposition (RFC 6266), in the query or in the path; other text comes by the query, such as
 * `?name=beach.jpg&caption=Sunset`.
 *
 * @param inPath what the path ends with, where that is a name
 * @throws {TintypeError} `malformed_request`, `invalid_parameter`, `too_many_fields`
 */
export function readAboutBody(
  { headers, query }: ApiRequest,
  limits: TextLimits,
  inPath?: string,
): AboutBody {
  const { 'content-disposition': header = '' } = headers
  const disposition = parseDisposition(fromLatin1(header), ofBody, malformed)
  const { name, ...text } = grouped(new URLSearchParams(query))
  if (Array.isArray(name)) throw new TintypeError('invalid_parameter', 'name came more than once.')
  const caption = checkCaption(text.caption)
  const fields = fieldsOf({ fields: readTextFields(text, limits), caption })
  return { rawName: nameIn(disposition, 'filename') ?? name ?? inPath, caption, fields }
}

/** Media of a file that is the body. */
export function createBodyRequests({ intake, idempotency, bucket, textLimits }: BodyRequestsOptions) {
  return {
    /** @param inPath its name, where the path ends with one */
    async create(
      request: ApiRequest,
      owner: string,
      { address, lead }: Call,
      inPath?: string,
    ): Promise<Answer> {
      const { original, signal } = request
      const { rawName, caption, fields } = readAboutBody(request, textLimits, inPath)
      const source = sourceOfBody(request, rawName)
      const once = beginOnce(request, idempotency, owner)
      const origin = { owner, way: 'body', fields, request: original, signal } as const
      try {
        const from = { ...origin, ...(once ? { isRepeated: once.isRepeated } : {}) }
        const { made, scanning, isNew } = await intake.receiveSource(source, from, (file, memory, handOver) =>
          makeOnce(
            once,
            () => hashRequest([file], caption, []),
            (asked) => {
              const ticket = { ...origin, caption, memory, once: asked }
              return createOrScan((more) => intake.create([file], { ...ticket, ...more }), handOver)
            },
          ),
        )
        if (scanning.length > 0) return scanningAnswer(scanning, address)
        const media = await present(made[0] as MediaWithVariants, bucket, lead)
        const location = { Location: `${address.router}/media/${media.id}` }
        return jsonAnswer({ media: [media] }, isNew ? 201 : 200, location)
      } finally {
        once?.end()
      }
    },

    async replace(
      request: ApiRequest,
      owner: string,
      { id, lead }: Call,
      replaces: { media: Media; revisions: readonly number[] | undefined },
    ): Promise<Answer> {
      const { original, signal } = request
      const { media, revisions } = replaces
      const { rawName = media.name, fields } = readAboutBody(request, textLimits)
      const origin = { owner, way: 'body', fields, request: original, signal } as const
      const sender = { ...origin, replaces: media }
      return intake.receiveSource(sourceOfBody(request, rawName), sender, async (file, memory) => {
        const made = await intake.replace(id, { ...origin, memory, revisions }, file)
        return mediaAnswer(await present(made, bucket, lead), request)
      })
    },
  }
}

/** A name that came more than once is a list, as it is in a form. */
function grouped(all: URLSearchParams): Record<string, string | string[]> {
  const text: Record<string, string | string[]> = Object.create(null)
  for (const name of new Set(all.keys())) {
    const [first = '', ...more] = all.getAll(name)
    text[name] = more.length === 0 ? first : [first, ...more]
  }
  return text
}

/** Node gives headers byte by byte; senders write UTF-8 (RFC 9110 section 5.5 leaves it to them). */
function fromLatin1(header: string): string {
  const bytes = Buffer.from(header, 'latin1')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return header
  }
}

function malformed(what: string): TintypeError {
  return new TintypeError('malformed_request', `The Content-Disposition of the request ${what}.`)
}
