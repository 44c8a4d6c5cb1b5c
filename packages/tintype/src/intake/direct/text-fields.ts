import { TintypeError } from '../../errors.ts'
import type { UploadRow } from '../../records/schema.ts'
import { addField, type Fields, parseFieldName } from '../form/fields.ts'
import type { TextLimits } from '../form/form-shape.ts'

/**
 * Reads the text that comes with a direct upload into what a form with the same fields would have given the app's hooks.
 *
 * @param given the member `fields` of the request
 * @returns JSON; null for none
 * @throws {TintypeError} `invalid_parameter`, `too_many_fields`
 * @example readTextFields({ album: '7', 'tags[]': ['sea', 'sun'] }, limits) // '{"album":"7","tags":["sea","sun"]}'
 */
export function readTextFields(given: unknown, limits: TextLimits): string | null {
  if (given === undefined || given === null) return null
  if (typeof given !== 'object' || Array.isArray(given)) throw invalid(shape)
  const fields: Fields = Object.create(null)
  let count = 0
  for (const [name, value] of Object.entries(given)) {
    if (Buffer.byteLength(name) > limits.fieldNameBytes)
      throw invalid(
        `The name of a field is longer than ${limits.fieldNameBytes} bytes.`,
        limits.fieldNameBytes,
      )
    for (const text of Array.isArray(value) ? value : [value]) {
      if (typeof text !== 'string') throw invalid(shape)
      if (++count > limits.fields) {
        const detail = `There are more than ${limits.fields} text fields.`
        throw new TintypeError('too_many_fields', detail, { limit: limits.fields })
      }
      if (Buffer.byteLength(text) > limits.fieldBytes)
        throw invalid(`A text field is longer than ${limits.fieldBytes} bytes.`, limits.fieldBytes)
      if (text.includes('\0')) throw invalid('A text field holds a NUL character.')
      addField(fields, pathOf(name), text)
    }
  }
  return count === 0 ? null : JSON.stringify(fields)
}

/** What hooks are given of a session, as of a form: its text fields, and the caption among them. */
export function fieldsOf({ fields, caption }: Pick<UploadRow, 'fields' | 'caption'>): Fields {
  const read: Fields = fields === null ? {} : JSON.parse(fields, withoutPrototype)
  return Object.assign(Object.create(null), read, caption === null ? {} : { caption })
}

const shape = 'fields has to be an object with a string, or a list of strings, for each name.'

function pathOf(name: string): ReturnType<typeof parseFieldName> {
  try {
    return parseFieldName(name)
  } catch (error) {
    if (!(error instanceof TintypeError)) throw error
    throw invalid(error.message, error.limit)
  }
}

function withoutPrototype(_: string, value: unknown): unknown {
  const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isPlain ? Object.assign(Object.create(null), value) : value
}

function invalid(detail: string, limit?: number): TintypeError {
  return new TintypeError('invalid_parameter', detail, { limit })
}
