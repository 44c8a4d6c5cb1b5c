import { errorTable } from '@tintype/protocol'
import { TintypeError } from '../errors.ts'
import { shownName } from '../inspect/name.ts'

/**
 * What a file of a form was refused with, saying which file it was. Errors that are not the file's fault stay as they
 * are.
 *
 * @param index counted from 0 over the files of the form
 * @example await collector.end().catch((error) => { throw aboutFile(error, 0, 'a.jpg') })
 */
export function aboutFile(error: unknown, index: number, rawName: string | undefined): unknown {
  if (!(error instanceof TintypeError)) return error
  if (![400, 413, 415, 422].includes(errorTable[error.code].status)) return error
  const name = shownName(rawName)
  const { code, message, limit, cause } = error
  const file = { index, ...(name === '' ? {} : { name }) }
  const told = new TintypeError(code, message, { limit, cause, file })
  return Object.assign(told, { stack: error.stack })
}
