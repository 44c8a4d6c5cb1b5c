import { TintypeError } from '../../errors.ts'
import { shownName } from '../../inspect/name.ts'
import { aboutFile } from '../about-file.ts'
import type { ArrivedFile } from '../files.ts'
import type { Arrivals } from './arrivals.ts'
import type { Fields } from './fields.ts'
import type { FormShape } from './form-shape.ts'
import type { MultipartEvent } from './multipart-parser.ts'
import type { PartHeaders } from './part-headers.ts'
import { createTextFields, isText, type Sink, tooMany } from './text-fields.ts'

/** Sorts the parts of a form into files and text fields, within the limits. */
export interface FormReader {
  readonly files: ArrivedFile[]
  /** The form's field of each file. */
  readonly fileFields: string[]
  readonly fields: Fields
  /**
   * Takes what a chunk of the body has brought. A promise, where there is one, has to be waited for.
   * @throws {TintypeError} or rejects with it
   */
  take(events: Iterator<MultipartEvent>): void | Promise<void>
}

/** Parts of a form that bring nothing, such as file inputs that were left empty, beside those that count elsewhere. */
export const emptyParts = 50
/** Of a part that may be text or a file: what tells them apart. */
const enoughToTell = 512
/** What no sender says of text. */
const fileTypes = /^(image|video)\/|^application\/octet-stream$/

/** @param arrivals where the files go, and where text counts */
export function createFormReader(
  arrivals: Pick<Arrivals, 'begin' | 'addText'>,
  { files: fileFields, maxFiles, text: limits }: FormShape,
): FormReader {
  const files: ArrivedFile[] = []
  /** The field of each file, those that are refused included. */
  const begun: string[] = []
  const text = createTextFields(arrivals, limits)
  const maxParts = maxFiles + Math.max(limits.fields, emptyParts)
  let parts = 0
  let current: Sink | undefined

  function begin({ name, filename, contentType, charset }: PartHeaders): Sink {
    // Every part counts, also those that bring nothing.
    if (++parts > maxParts) throw tooMany('parts', maxParts, name)
    if (Buffer.byteLength(name) > limits.fieldNameBytes) throw nameTooLong(name, limits.fieldNameBytes)
    if (filename) return file(name, contentType, filename)
    const isFileField = fileFields.has(name)
    // Node's fetch leaves an empty file name out.
    if (filename === '' || (isFileField && fileTypes.test(contentType))) return perhapsFile(name, contentType)
    return isFileField && charset === undefined ? textOrFile(name, contentType) : text.begin(name, charset)
  }

  function file(name: string, type: string, rawName?: string): Sink {
    const field = fileFields.get(name)
    if (!field) throw unexpected(name, fileFields.keys())
    const before = begun.filter((one) => one === name).length
    if (before === field.max || begun.length === maxFiles) throw tooManyFiles(name, field.max, maxFiles)
    const index = begun.push(name) - 1
    const collector = arrivals.begin({ rawName, type, fields: text.fields, limits: field.limits })
    const refused = (error: unknown) => {
      throw aboutFile(error, index, rawName, name)
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
  function perhapsFile(name: string, type: string): Sink {
    let sink: Sink | undefined
    return {
      write(chunk) {
        sink ??= file(name, type)
        return sink.write(chunk)
      },
      end: () => sink?.end(),
    }
  }

  /**
   * A part without any file name in the field of the files. RFC 7578 section 4.2 allows a file to come so, and upload
   * widgets send what they know of a file as text under its field's name: the first bytes tell which it is.
   */
  function textOrFile(name: string, type: string): Sink {
    let first: Buffer = Buffer.alloc(0)
    let sink: Sink | undefined
    const decide = () => {
      sink = isText(first) ? text.begin(name, undefined) : file(name, type)
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

  return { files, fileFields: begun, fields: text.fields, take }
}

function unexpected(field: string, expected: Iterable<string>): TintypeError {
  const names = Array.from(expected, (one) => `"${one}"`)
  const last = names.pop()
  const listed = names.length === 0 ? last : `${names.join(', ')} or ${last}`
  const detail = `There is no field "${shownName(field)}" for files here. Send files in parts named ${listed}.`
  return new TintypeError('unexpected_field', detail, { field })
}

/** The form as a whole may have reached its limit before the field has. */
function tooManyFiles(field: string, ofField: number, ofForm: number): TintypeError {
  const limit = Math.min(ofField, ofForm)
  const most = limit === 1 ? 'one file' : `${limit} files`
  const where = ofField < ofForm ? `in parts named "${field}"` : 'in one request'
  return new TintypeError('too_many_files', `Send at most ${most} ${where}.`, { limit, field })
}

function nameTooLong(field: string, limit: number): TintypeError {
  const detail = `A field's name is longer than ${limit} bytes.`
  return new TintypeError('malformed_multipart', detail, { limit, field: field.slice(0, limit) })
}
