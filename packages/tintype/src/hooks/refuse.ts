import { type AppErrorCode, type ErrorCode, errorTable } from '@tintype/protocol'
import { TintypeError } from '../errors.ts'

/** What {@link refuse} makes: the one error of a hook whose sentence the client gets to see. */
export class RefusedByApp extends TintypeError {}

/**
 * What a hook throws to refuse an upload or a removal. The sentence, the code and the status go to the client as problem
 * details; whatever else a hook throws is a fault of the app (500 `hook_failed`), of which only the log has the details.
 *
 * @param message one sentence for people: what is wrong and what to do
 * @param options.status 400 to 499. @default 422, or that of the code where it is one of Tintype's own
 * @param options.code lower_snake_case, for programs. @default `refused`
 * @throws {TypeError} for another status or code, or no sentence
 * @example throw refuse('You have ten photos already.', { status: 403, code: 'too_many_photos' })
 */
export function refuse(
  message: string,
  { status, code = 'refused' }: { status?: number | undefined; code?: AppErrorCode | undefined } = {},
): TintypeError {
  if (typeof message !== 'string' || message.trim() === '') {
    throw new TypeError('refuse() has to be given a sentence for the person who sent the file.')
  }
  if (typeof code !== 'string' || !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(code) || code.length > longestCode) {
    throw new TypeError(
      `The code of refuse() has to be in lower_snake_case, at most ${longestCode} characters: too_many_photos, for instance.`,
    )
  }
  const ours = Object.hasOwn(errorTable, code) ? errorTable[code as ErrorCode].status : undefined
  const chosen = status ?? ours ?? errorTable.refused.status
  if (!Number.isInteger(chosen) || chosen < 400 || chosen > 499) {
    throw new TypeError(
      'The status of refuse() has to be from 400 to 499: what goes wrong in the app itself is thrown as it is.',
    )
  }
  return new RefusedByApp(code as ErrorCode, message, { status: chosen })
}

const longestCode = 64
