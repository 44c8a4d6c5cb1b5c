import type { IncomingMessage } from 'node:http'
import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import { type MediaLimits, megabytes } from '../inspect/limits.ts'
import type { Arrivals } from './arrivals.ts'
import { readBody } from './body.ts'
import { type Budget, connectionBytes, type ScopedReservation } from './budget.ts'
import { clientSignal } from './client-signal.ts'
import type { Collector } from './collect.ts'
import type { ArrivedFile } from './finish.ts'
import { createMultipartParser, type MultipartEvent } from './multipart.ts'
import type { PartHeaders } from './part-headers.ts'
import { freeChunk } from './slabs.ts'
import { streamBytes } from './stream.ts'

export interface ReceivedForm {
  files: ArrivedFile[]
  /** Text fields. One that came twice is refused. */
  fields: Record<string, string>
}

export interface FormOptions {
  /** Name of the file field. */
  field: string
  maxFiles: number
  limits: MediaLimits
  /** Whether large videos are streamed to S3 in parts. */
  multipart: boolean
  budget: Budget
  clock: Clock
  /** Milliseconds. */
  stallTimeout: number
  arrivals(request: { announced: number | undefined; reservation: ScopedReservation }): Arrivals
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
 * Way in: a form. `multipart/form-data` into memory, inside the budget, or through it.
 *
 * @param work publishes the files. When it has ended, their memory is given back, and what was streamed to S3 but not
 * published is given up
 * @throws {TintypeError} of status 400, 408, 413, 415 or 503; nothing was stored. What the work throws
 */
export async function receiveForm<T>(
  req: IncomingMessage,
  options: FormOptions,
  work: (form: ReceivedForm) => Promise<T>,
): Promise<T> {
  const { limits, maxFiles, multipart } = options
  if (req.readableDidRead) {
    throw new TintypeError(
      'internal',
      'Another middleware has read the body already. Mount Tintype before it.',
    )
  }
  const boundary = boundaryOf(req.headers['content-type'])
  const announced = announcedLength(req)
  const largest = Math.max(limits.imageBytes, limits.videoBytes)
  const limit = maxFiles * (largest + overheadPerPart) + maxFieldBytes * maxFields
  if (announced !== undefined && announced > limit) {
    throw tooLarge(limit)
  }

  const reserved = firstReservation(announced, limits, options.budget, multipart) + connectionBytes
  const leastRate = () =>
    options.budget.isContested ? Math.max(slowestRate, reserved / longestHold) : slowestRate

  return options.budget.within(reserved, clientSignal(req), async (reservation) => {
    const arrivals = options.arrivals({ announced, reservation })
    try {
      options.onAccept()
      const parser = createMultipartParser(boundary)
      const form = createFormReader(arrivals, options)
      let received = 0
      const take = (chunk: Buffer) => {
        received += chunk.length
        if (received > limit) throw tooLarge(limit)
        const waiting = form.take(parser.push(chunk))
        if (waiting) return waiting.then(() => freeChunk(chunk))
        freeChunk(chunk)
      }
      await readBody(req, take, { ...options, leastRate })
      parser.finish()
      const { files, fields } = form
      if (files.length === 0) {
        throw new TintypeError(
          'no_file',
          `The form holds no file. Send at least one part named "${options.field}".`,
        )
      }
      return await work({ files: await arrivals.settle(files), fields })
    } finally {
      // The answer doesn't wait for it.
      void arrivals.release()
    }
  })
}

/**
 * What is announced, so that nobody runs out of memory midway; but of what can't all be photos in memory, only as
 * much as one file needs that goes through it to S3.
 *
 * @throws {TintypeError} `too_large` where nothing goes through to S3, and this can never fit
 */
export function firstReservation(
  announced: number | undefined,
  limits: MediaLimits,
  budget: Pick<Budget, 'bytes'>,
  multipart: boolean,
): number {
  if (announced === undefined) return firstGuess
  const room = budget.bytes - connectionBytes
  if (announced > room && !multipart) throw tooLarge(room)
  return announced <= room ? announced : Math.min(room, Math.max(limits.imageBytes, streamBytes))
}

/** Where the content of one part goes. */
type Sink = Pick<Collector, 'write'> & { end(): void | Promise<void> }

/** Sorts the parts of a form into files and text fields, within the limits. */
function createFormReader(arrivals: Arrivals, { field, maxFiles }: FormOptions) {
  const files: ArrivedFile[] = []
  const fields: Record<string, string> = Object.create(null)
  let fileParts = 0
  let textParts = 0
  let current: Sink | undefined

  function begin({ name, filename, charset }: PartHeaders): Sink {
    if (Buffer.byteLength(name) > maxNameBytes) {
      throw malformed(`A field's name is longer than ${maxNameBytes} bytes.`, maxNameBytes)
    }
    // RFC 7578 section 4.2: a file may come without a name.
    if (filename === undefined && name !== field) return textField(name, charset)
    if (++fileParts > maxFiles) {
      const most = maxFiles === 1 ? 'one file' : `${maxFiles} files`
      throw new TintypeError('too_many_files', `Send at most ${most} in one request.`, { limit: maxFiles })
    }
    if (name !== field) throw new TintypeError('unexpected_field', `Send files in parts named "${field}".`)
    return filename ? file(filename) : perhapsFile()
  }

  function file(filename?: string): Sink {
    const collector = arrivals.begin(filename)
    return { write: collector.write, end: async () => void files.push(await collector.end()) }
  }

  /** Where nobody has chosen a file, browsers send a part without a name and without content. */
  function perhapsFile(): Sink {
    let sink: Sink | undefined
    return {
      write(chunk) {
        sink ??= file()
        return sink.write(chunk)
      },
      end: () => sink?.end(),
    }
  }

  function textField(name: string, charset: string | undefined): Sink {
    if (++textParts > maxFields) {
      throw new TintypeError('too_many_fields', `The form has more than ${maxFields} text fields.`, {
        limit: maxFields,
      })
    }
    if (name.includes('[')) throw malformed('Field names with brackets are not taken.')
    if (name in fields) throw malformed(`The text field "${name.slice(0, 50)}" came more than once.`)
    const chunks: Buffer[] = []
    let size = 0
    return {
      write(chunk) {
        size += chunk.length
        if (size > maxFieldBytes) {
          throw malformed(`A text field is longer than ${maxFieldBytes} bytes.`, maxFieldBytes)
        }
        chunks.push(Buffer.from(chunk))
      },
      end() {
        const text = decode(Buffer.concat(chunks), charset)
        if (text.includes('\0')) {
          throw new TintypeError(
            'invalid_parameter',
            `The text field "${name.slice(0, 50)}" holds a NUL character.`,
          )
        }
        fields[name] = text
      },
    }
  }

  function handle(event: MultipartEvent): void | Promise<void> {
    if (event.type === 'data') return current?.write(event.bytes)
    if (event.type === 'end') return current?.end()
    current = begin(event)
  }

  function take(events: Iterator<MultipartEvent>): void | Promise<void> {
    for (let next = events.next(); !next.done; next = events.next()) {
      const waiting = handle(next.value)
      if (waiting) return waiting.then(() => take(events))
    }
  }

  return { files, fields, take }
}

function decode(bytes: Buffer, charset: string | undefined): string {
  if (charset === undefined) return bytes.toString('utf8')
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    throw malformed(`A text field claims to be in ${charset.slice(0, 50)}. Send UTF-8.`)
  }
}

/** @throws {TintypeError} `unsupported_body`, `malformed_multipart` */
function boundaryOf(contentType = ''): string {
  if (!/^multipart\/form-data\s*(;|$)/i.test(contentType)) {
    throw new TintypeError('unsupported_body', 'Send the file as multipart/form-data.')
  }
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType) ?? []
  const boundary = quoted ?? plain
  if (boundary === undefined) throw malformed('The Content-Type lacks its boundary parameter.')
  return boundary
}

function announcedLength(req: IncomingMessage): number | undefined {
  const header = req.headers['content-length']
  return header === undefined ? undefined : Number(header)
}

function tooLarge(limit: number): TintypeError {
  const detail = `One request may have at most ${megabytes(limit)}. Send fewer or smaller files.`
  return new TintypeError('too_large', detail, { limit })
}

function malformed(detail: string, limit?: number): TintypeError {
  return new TintypeError('malformed_multipart', detail, { limit })
}
