import type { IncomingMessage } from 'node:http'
import multer from 'multer'
import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import { type MediaLimits, megabytes } from '../inspect/limits.ts'
import { createBody } from './body.ts'
import type { Budget } from './budget.ts'
import { collect, type ReceivedFile } from './collect.ts'

export interface ReceivedForm {
  files: ReceivedFile[]
  /** Text fields. One that came twice is refused. */
  fields: Record<string, string>
  /** Gives the memory of the files back to the budget: call it when they are no longer needed. */
  release(): void
}

export interface FormOptions {
  /** Name of the file field. */
  field: string
  maxFiles: number
  limits: MediaLimits
  budget: Budget
  clock: Clock
  /** Milliseconds. */
  stallTimeout: number
  /** Called when everything but the body has been accepted: answers `Expect: 100-continue`. */
  onAccept(): void
}

/** Text beside the files. */
const maxFields = 50
const maxFieldBytes = 64 * 1024
const maxNameBytes = 200
/** What multipart adds around each part, generously. */
const overheadPerPart = 4096

/**
 * Way in: a form. `multipart/form-data` through Multer into memory, inside the budget. Every limit that Multer
 * and busboy know is set; what they leave open is closed here.
 *
 * @throws {TintypeError} of status 400, 408, 413, 415 or 503; nothing was stored
 */
export async function receiveForm(req: IncomingMessage, options: FormOptions): Promise<ReceivedForm> {
  const { limits, maxFiles } = options
  if (req.readableDidRead) {
    throw new TintypeError(
      'internal',
      'Another middleware has read the body already. Mount Tintype before it.',
    )
  }
  requireMultipart(req.headers['content-type'])
  const announced = announcedLength(req)
  const largest = Math.max(limits.imageBytes, limits.videoBytes)
  const limit = maxFiles * (largest + overheadPerPart) + maxFieldBytes * maxFields
  if (announced !== undefined && announced > limit) {
    throw new TintypeError(
      'too_large',
      `One request may have at most ${megabytes(limit)}. Send fewer or smaller files.`,
      {
        limit,
      },
    )
  }

  const gone = new AbortController()
  const onClose = () => gone.abort(new TintypeError('malformed_request', 'The client went away.'))
  req.once('close', onClose)
  const reservation = await options.budget
    .reserve(announced ?? firstReservation, gone.signal)
    .finally(() => req.off('close', onClose))

  try {
    options.onAccept()
    const body = createBody(req, options)
    let held = 0
    const storage: multer.StorageEngine = {
      _handleFile(_req, file, callback) {
        collect(file.stream, {
          rawName: file.originalname,
          hint: announced === undefined ? undefined : Math.min(announced - held, largest),
          limits,
          onGrow: announced === undefined ? (bytes) => reservation.growTo(held + bytes) : undefined,
        }).then(
          (received) => {
            held += received.bytes.length
            callback(null, { received } as unknown as Partial<Express.Multer.File>)
          },
          (error: unknown) => callback(error),
        )
      },
      _removeFile: (_req, _file, callback) => callback(null),
    }
    const parsed = await parse(body, storage, options, largest)
    const files = parsed.files.map((file) => (file as unknown as { received: ReceivedFile }).received)
    if (files.length === 0) {
      throw new TintypeError(
        'no_file',
        `The form holds no file. Send at least one part named "${options.field}".`,
      )
    }
    return { files, fields: textFields(parsed.body), release: () => reservation.release() }
  } catch (error) {
    reservation.release()
    throw error
  }
}

const firstReservation = 1024 * 1024

interface Parsed {
  files: Express.Multer.File[]
  body: Record<string, unknown>
}

function parse(
  body: ReturnType<typeof createBody>,
  storage: multer.StorageEngine,
  options: FormOptions,
  largest: number,
): Promise<Parsed> {
  const { field, maxFiles } = options
  const form = multer({
    storage,
    defParamCharset: 'utf8',
    // Otherwise a file called "." has no name at all and passes for a part without a file.
    preservePath: true,
    limits: {
      fieldNameSize: maxNameBytes,
      fieldSize: maxFieldBytes,
      fields: maxFields,
      fileSize: largest,
      files: maxFiles,
      parts: maxFiles + maxFields,
      headerPairs: 32,
      // Without these two, a field called a[4294967294] keeps one core busy for minutes.
      fieldNestingDepth: 0,
      fieldArrayIndexLimit: 0,
    },
    // Multer unpipes when it has made up its mind, then waits until the body ends before it says so: end it.
    streamHandler(_req: unknown, parser: NodeJS.WritableStream) {
      parser.once('unpipe', () => body.destroy())
      body.pipe(parser)
    },
  } as multer.Options)
  const { promise, resolve, reject } = Promise.withResolvers<Parsed>()
  const request = body as unknown as Parameters<ReturnType<typeof form.array>>[0]
  const response = undefined as unknown as Parameters<ReturnType<typeof form.array>>[1]
  form.array(field)(request, response, (error: unknown) => {
    if (error) reject(explain(error, options, largest))
    else resolve(body as unknown as Parsed)
  })
  return promise.finally(() => body.destroy())
}

function requireMultipart(contentType: string | undefined): void {
  if (!/^multipart\/form-data\s*(;|$)/i.test(contentType ?? '')) {
    throw new TintypeError('unsupported_body', 'Send the file as multipart/form-data.')
  }
  if (!/;\s*boundary=("[^"]{1,200}"|[^\s;"]{1,200})/i.test(contentType ?? '')) {
    throw new TintypeError('malformed_multipart', 'The Content-Type lacks its boundary parameter.')
  }
}

function announcedLength(req: IncomingMessage): number | undefined {
  const header = req.headers['content-length']
  return header === undefined ? undefined : Number(header)
}

/** Multer's and busboy's errors in our words. Busboy throws plain errors: whatever isn't known is malformed. */
function explain(error: unknown, { field, maxFiles }: FormOptions, largest: number): TintypeError {
  if (error instanceof TintypeError) return error
  const code = error instanceof multer.MulterError ? (error.code as string) : ''
  const cause = { cause: error }
  switch (code) {
    case 'LIMIT_FILE_SIZE':
      return new TintypeError('too_large', `The file has more than ${megabytes(largest)}.`, {
        ...cause,
        limit: largest,
      })
    case 'LIMIT_FILE_COUNT':
      return new TintypeError('too_many_files', `Send at most ${maxFiles} files in one request.`, {
        ...cause,
        limit: maxFiles,
      })
    case 'LIMIT_UNEXPECTED_FILE':
      return new TintypeError('unexpected_field', `Send files in parts named "${field}".`, cause)
    case 'LIMIT_PART_COUNT':
    case 'LIMIT_FIELD_COUNT':
      return new TintypeError('too_many_fields', `The form has more than ${maxFields} text fields.`, {
        ...cause,
        limit: maxFields,
      })
    case 'LIMIT_FIELD_VALUE':
      return new TintypeError('malformed_multipart', `A text field is longer than ${maxFieldBytes} bytes.`, {
        ...cause,
        limit: maxFieldBytes,
      })
    case 'LIMIT_FIELD_KEY':
      return new TintypeError('malformed_multipart', `A field's name is longer than ${maxNameBytes} bytes.`, {
        ...cause,
        limit: maxNameBytes,
      })
    case 'LIMIT_FIELD_NESTING':
    case 'LIMIT_FIELD_ARRAY_INDEX':
    case 'INVALID_FIELD_NAME':
      return new TintypeError('malformed_multipart', 'Field names with brackets are not taken.', cause)
    case 'MISSING_FIELD_NAME':
      return new TintypeError('malformed_multipart', 'A part of the form has no name.', cause)
    default:
      return new TintypeError(
        'malformed_multipart',
        'The multipart body is cut off or malformed. Send it again.',
        cause,
      )
  }
}

function textFields(body: Record<string, unknown>): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [name, value] of Object.entries(body)) {
    if (typeof value !== 'string') {
      throw new TintypeError(
        'malformed_multipart',
        `The text field "${name.slice(0, 50)}" came more than once.`,
      )
    }
    if (value.includes('\0')) {
      throw new TintypeError(
        'invalid_parameter',
        `The text field "${name.slice(0, 50)}" holds a NUL character.`,
      )
    }
    fields[name] = value
  }
  return fields
}
