import { retell, TintypeError } from '../errors.ts'
import { RefusedByApp } from '../hooks/refuse.ts'
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
  if (![400, 413, 415, 422].includes(error.status) && !(error instanceof RefusedByApp)) return error
  const name = shownName(rawName)
  const file = { index, ...(name === '' ? {} : { name }) }
  return Object.assign(retell(error, { file, field: error.field ?? ofField }), { stack: error.stack })
}

/**
 * The same error with the form's field of the file that it is about.
 *
 * @param fields the field of each file, in the order of the form
 */
export function aboutField(error: unknown, fields: readonly string[]): unknown {
  if (!(error instanceof TintypeError) || !error.file || error.field !== undefined) return error
  return Object.assign(retell(error, { field: fields[error.file.index] }), { stack: error.stack })
}
