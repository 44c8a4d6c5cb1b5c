import type { IncomingMessage } from 'node:http'
import multer from 'multer'
import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import { type MediaLimits, megabytes } from '../inspect/limits.ts'
import type { Arrivals } from './arrivals.ts'
import { createBody } from './body.ts'
import { type Budget, connectionBytes, type Reservation } from './budget.ts'
import type { ArrivedFile } from './finish.ts'
import { streamBytes } from './stream.ts'

export interface ReceivedForm {
  files: ArrivedFile[]
  /** Text fields. One that came twice is refused. */
  fields: Record<string, string>
  /**
   * Gives the memory of the files back, and up what was streamed to S3 but not published: call it when they have
   * been published or are no longer needed.
   */
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
  arrivals(request: { announced: number | undefined; reservation: Reservation }): Arrivals
  /** Called when everything but the body has been accepted: answers `Expect: 100-continue`. */
  onAccept(): void
}

/** Text beside the files. */
const maxFields = 50
const maxFieldBytes = 64 * 1024
const maxNameBytes = 200
/** Of an upload whose length nobody announced. */
const firstGuess = 1024 * 1024
/** A sender that brings less than this per second, over a whole stall time-out, holds memory for nothing. */
const slowestRate = 1024
/** While others wait for memory, it has to bring what it reserved within so many seconds. */
const longestHold = 300
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
  req.once('close', () => {
    if (!req.complete) gone.abort(new TintypeError('malformed_request', 'The client went away.'))
  })
  const reserved = firstReservation(announced, limits, options.budget) + connectionBytes
  const reservation = await options.budget.reserve(reserved, gone.signal)
  const arrivals = options.arrivals({ announced, reservation })

  try {
    options.onAccept()
    const leastRate = () =>
      options.budget.isContested ? Math.max(slowestRate, reserved / longestHold) : slowestRate
    const body = createBody(req, { ...options, leastRate })
    const storage: multer.StorageEngine = {
      _handleFile(_req, file, callback) {
        arrivals.receive(file.stream, file.originalname).then(
          (arrived) => callback(null, { arrived } as unknown as Partial<Express.Multer.File>),
          (error: unknown) => callback(error),
        )
      },
      _removeFile: (_req, _file, callback) => callback(null),
    }
    const parsed = await parse(body, storage, options, largest)
    const arrived = parsed.files.map((file) => (file as unknown as { arrived: ArrivedFile }).arrived)
    if (arrived.length === 0) {
      throw new TintypeError(
        'no_file',
        `The form holds no file. Send at least one part named "${options.field}".`,
      )
    }
    const fields = textFields(parsed.body)
    return { files: await arrivals.settle(arrived), fields, release: () => void arrivals.release() }
  } catch (error) {
    void arrivals.release()
    throw error
  }
}

/**
 * What is announced, so that nobody runs out of memory midway; but of what can't all be photos in memory, only as
 * much as one file needs that goes through it to S3.
 */
export function firstReservation(
  announced: number | undefined,
  limits: MediaLimits,
  budget: Pick<Budget, 'bytes'>,
): number {
  if (announced === undefined) return firstGuess
  const room = budget.bytes - connectionBytes
  return announced <= room ? announced : Math.min(room, Math.max(limits.imageBytes, streamBytes))
}

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
