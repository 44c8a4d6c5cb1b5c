import { errorTable } from '@tintype/protocol'
import { TintypeError } from '../errors.ts'
import { shownName } from '../inspect/name.ts'

/**
 * What a file of a form was refused with, saying which file it was. Errors that are not the file's fault stay as they
 * are.
 *
 * @param index counted from 0 over the files of the form
 * @param ofField the form's field that it came in, where that is known
 * @example await collector.end().catch((error) => { throw aboutFile(error, 0, 'a.jpg') })
 */
export function aboutFile(
  error: unknown,
  index: number,
  rawName: string | undefined,
  ofField?: string,
): unknown {
  if (!(error instanceof TintypeError)) return error
  if (![400, 413, 415, 422].includes(errorTable[error.code].status)) return error
  const name = shownName(rawName)
  const { code, message, limit, cause, field = ofField } = error
  const file = { index, ...(name === '' ? {} : { name }) }
  const told = new TintypeError(code, message, { limit, cause, file, field })
  return Object.assign(told, { stack: error.stack })
}

/**
 * The same error with the form's field of the file that it is about.
 *
 * @param fields the field of each file, in the order of the form
 */
export function aboutField(error: unknown, fields: readonly string[]): unknown {
  if (!(error instanceof TintypeError) || !error.file || error.field !== undefined) return error
  const field = fields[error.file.index]
  const { code, message, limit, cause, file } = error
  const told = new TintypeError(code, message, { limit, cause, file, field })
  return Object.assign(told, { stack: error.stack })
}
