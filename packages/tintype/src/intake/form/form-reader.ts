import { TintypeError } from '../../errors.ts'
import { gather } from '../../memory/gather.ts'
import { aboutFile } from '../about-file.ts'
import type { ArrivedFile } from '../files.ts'
import type { Arrivals } from './arrivals.ts'
import type { Collector } from './collect.ts'
import { addField, type Fields, parseFieldName } from './fields.ts'
import type { MultipartEvent } from './multipart-parser.ts'
import type { PartHeaders } from './part-headers.ts'

/** Sorts the parts of a form into files and text fields, within the limits. */
export interface FormReader {
  readonly files: ArrivedFile[]
  readonly fields: Fields
  /**
   * Takes what a chunk of the body has brought. A promise, where there is one, has to be waited for.
   * @throws {TintypeError} or rejects with it
   */
  take(events: Iterator<MultipartEvent>): void | Promise<void>
}

export interface FormReaderOptions {
  /** Name of the file field. */
  field: string
  maxFiles: number
}

/** Text beside the files. */
const maxFields = 50
const maxFieldBytes = 64 * 1024
const maxNameBytes = 200
/** Of all text fields together. */
export const maxTextBytes = maxFields * maxFieldBytes
/** Of a part that may be text or a file: what tells them apart. */
const enoughToTell = 512
/** What no sender says of text. */
const fileTypes = /^(image|video)\/|^application\/octet-stream$/

/** Where the content of one part goes. */
type Sink = Pick<Collector, 'write'> & { end(): void | Promise<void> }

/** @param arrivals where the files go, and where text counts */
export function createFormReader(
  arrivals: Pick<Arrivals, 'begin' | 'addText'>,
  { field, maxFiles }: FormReaderOptions,
): FormReader {
  const files: ArrivedFile[] = []
  const fields: Fields = Object.create(null)
  let parts = 0
  let textParts = 0
  let fileParts = 0
  let current: Sink | undefined

  function begin({ name, filename, contentType, charset }: PartHeaders): Sink {
    // Every part counts, also those that bring nothing.
    if (++parts > maxFields + maxFiles) throw tooMany('parts', maxFields + maxFiles)
    if (Buffer.byteLength(name) > maxNameBytes) {
      throw malformed(`A field's name is longer than ${maxNameBytes} bytes.`, maxNameBytes)
    }
    if (filename) return file(name, filename)
    // Node's fetch leaves an empty file name out.
    if (filename === '' || (name === field && fileTypes.test(contentType))) return perhapsFile(name)
    return name === field && charset === undefined ? textOrFile(name) : textField(name, charset)
  }

  function file(name: string, filename?: string): Sink {
    if (name !== field) throw new TintypeError('unexpected_field', `Send files in parts named "${field}".`)
    if (++fileParts > maxFiles) {
      const most = maxFiles === 1 ? 'one file' : `${maxFiles} files`
      throw new TintypeError('too_many_files', `Send at most ${most} in one request.`, { limit: maxFiles })
    }
    const index = fileParts - 1
    const collector = arrivals.begin(filename)
    const refused = (error: unknown) => {
      throw aboutFile(error, index, filename)
    }
    const add = (file: ArrivedFile) => void files.push(file)
    return {
      write(chunk) {
        try {
          return collector.write(chunk)?.catch(refused)
        } catch (error) {
          refused(error)
        }
      },
      end() {
        try {
          const arrived = collector.end()
          if (arrived instanceof Promise) return arrived.then(add, refused)
          add(arrived)
        } catch (error) {
          refused(error)
        }
      },
    }
  }

  /** If no file was chosen, browsers send a part with an empty file name and without content. */
  function perhapsFile(name: string): Sink {
    let sink: Sink | undefined
    return {
      write(chunk) {
        sink ??= file(name)
        return sink.write(chunk)
      },
      end: () => sink?.end(),
    }
  }

  /**
   * A part without any file name in the field of the files. RFC 7578 section 4.2 allows a file to come so, and upload
   * widgets send what they know of a file as text under its field's name: the first bytes tell which it is.
   */
  function textOrFile(name: string): Sink {
    let first: Buffer = Buffer.alloc(0)
    let sink: Sink | undefined
    const decide = () => {
      sink = isText(first) ? textField(name, undefined) : file(name)
      return { sink, waiting: sink.write(first) }
    }
    return {
      write(chunk) {
        if (sink) return sink.write(chunk)
        first = Buffer.concat([first, chunk])
        if (first.length >= enoughToTell) return decide().waiting
      },
      async end() {
        if (sink) return sink.end()
        const decided = decide()
        await decided.waiting
        return decided.sink.end()
      },
    }
  }

  function textField(name: string, charset: string | undefined): Sink {
    if (++textParts > maxFields) throw tooMany('text fields', maxFields)
    const path = parseFieldName(name)
    const gathered = gather()
    let size = 0
    return {
      write(chunk) {
        size += chunk.length
        if (size > maxFieldBytes) {
          throw malformed(`A text field is longer than ${maxFieldBytes} bytes.`, maxFieldBytes)
        }
        gathered.add(chunk)
        return arrivals.addText(chunk.length)
      },
      end() {
        const text = decode(gathered.bytes(), name, charset)
        if (text.includes('\0')) throw invalid(name, 'holds a NUL character.')
        addField(fields, path, text)
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

/** Whether it begins like text in UTF-8. The last character may be cut. */
function isText(bytes: Buffer): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what makes it text
    return !/[\0-\x08\x0e-\x1f]/.test(text)
  } catch {
    return false
  }
}

/** With replacement characters in it, something else than was sent would be stored: so what can't be decoded is refused. */
function decode(bytes: Buffer, name: string, charset = 'utf-8'): string {
  const decoder = decoderOf(charset)
  try {
    return decoder.decode(bytes)
  } catch {
    throw invalid(name, `is not in ${decoder.encoding.toUpperCase()}. Send UTF-8.`)
  }
}

function decoderOf(charset: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true })
  } catch {
    throw malformed(`A text field claims to be in ${charset.slice(0, 50)}. Send UTF-8.`)
  }
}

function invalid(name: string, what: string): TintypeError {
  return new TintypeError('invalid_parameter', `The text field "${name.slice(0, 50)}" ${what}`)
}

function tooMany(what: string, limit: number): TintypeError {
  return new TintypeError('too_many_fields', `The form has more than ${limit} ${what}.`, { limit })
}

function malformed(detail: string, limit?: number): TintypeError {
  return new TintypeError('malformed_multipart', detail, { limit })
}
