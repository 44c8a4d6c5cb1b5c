import { TintypeError } from '../../errors.ts'
import { gather } from '../../memory/gather.ts'
import type { Arrivals } from './arrivals.ts'
import { addField, type Fields, parseFieldName } from './fields.ts'
import type { TextLimits } from './form-shape.ts'

/** Where the content of one part goes. */
export interface Sink {
  write(chunk: Buffer): void | Promise<void>
  end(): void | Promise<void>
}

/** Takes the text fields of a form, within its limits. */
export interface TextFields {
  readonly fields: Fields
  /** The next one. @throws {TintypeError} */
  begin(name: string, charset: string | undefined): Sink
}

/** @param arrivals where its memory counts */
export function createTextFields(arrivals: Pick<Arrivals, 'addText'>, limits: TextLimits): TextFields {
  const fields: Fields = Object.create(null)
  let count = 0
  return {
    fields,
    begin(name, charset) {
      if (++count > limits.fields) throw tooMany('text fields', limits.fields, name)
      const path = parseFieldName(name)
      const gathered = gather()
      let size = 0
      return {
        write(chunk) {
          size += chunk.length
          if (size > limits.fieldBytes) throw tooLong(name, limits.fieldBytes)
          gathered.add(chunk)
          return arrivals.addText(chunk.length)
        },
        end() {
          const text = decode(gathered.bytes(), name, charset)
          if (text.includes('\0')) throw invalid(name, 'holds a NUL character.')
          addField(fields, path, text)
        },
      }
    },
  }
}

/** Whether it begins like text in UTF-8. The last character may be cut. */
export function isText(bytes: Buffer): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what makes it text
    return !/[\0-\x08\x0e-\x1f]/.test(text)
  } catch {
    return false
  }
}

export function tooMany(what: string, limit: number, field: string): TintypeError {
  return new TintypeError('too_many_fields', `The form has more than ${limit} ${what}.`, { limit, field })
}

/** With replacement characters in it, something else than was sent would be stored: so what can't be decoded is refused. */
function decode(bytes: Buffer, name: string, charset = 'utf-8'): string {
  const decoder = decoderOf(charset, name)
  try {
    return decoder.decode(bytes)
  } catch {
    throw invalid(name, `is not in ${decoder.encoding.toUpperCase()}. Send UTF-8.`)
  }
}

function decoderOf(charset: string, field: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true })
  } catch {
    const detail = `A text field claims to be in ${charset.slice(0, 50)}. Send UTF-8.`
    throw new TintypeError('malformed_multipart', detail, { field })
  }
}

function invalid(field: string, what: string): TintypeError {
  return new TintypeError('invalid_parameter', `The text field "${field.slice(0, 50)}" ${what}`, { field })
}

function tooLong(field: string, limit: number): TintypeError {
  const detail = `A text field is longer than ${limit} bytes.`
  return new TintypeError('malformed_multipart', detail, { limit, field })
}
