import { TintypeError } from '../errors.ts'
import { type PartHeaders, parsePartHeaders } from './part-headers.ts'

/** What a `multipart/form-data` body says, in the order of its bytes: `part`, any number of `data`, `end`; and again. */
export type MultipartEvent =
  | ({ type: 'part' } & PartHeaders)
  /** `bytes` is a view of the chunk that was pushed, or of memory of the parser's own: read it before the next event. */
  | { type: 'data'; bytes: Buffer }
  | { type: 'end' }

export interface MultipartParser {
  /**
   * What the chunk brings. Take all of it before the next push.
   * @throws {TintypeError} `malformed_multipart`, from the iterator
   */
  push(chunk: Buffer): Generator<MultipartEvent, void, undefined>
  /** The body is over. @throws {TintypeError} `malformed_multipart` when its last boundary never came */
  finish(): void
}

/** Of one part, in bytes. */
const longestHeaders = 16 * 1024
const carriageReturn = 0x0d
const blankLine = Buffer.from('\r\n\r\n')
const nothing = Buffer.alloc(0)

/**
 * Splits a `multipart/form-data` body (RFC 7578, RFC 2046 section 5.1) as it comes. Boundaries are searched with
 * `Buffer.indexOf`, and file contents are passed on as views, without a stream for each part.
 *
 * @param boundary as the Content-Type has it, without its quotes
 */
export function createMultipartParser(boundary: string): MultipartParser {
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
  /** The first one may stand without a line break before it. */
  const opening = delimiter.subarray(2)
  let state: 'start' | 'preamble' | 'headers' | 'body' | 'epilogue' = 'start'
  /** What has come and can't be judged yet: a copy. */
  let held: Buffer = nothing

  return {
    *push(chunk) {
      let rest = held.length > 0 ? Buffer.concat([held, chunk]) : chunk
      held = nothing
      while (rest.length > 0 && state !== 'epilogue') {
        if (state === 'start') {
          if (rest.length < opening.length) {
            held = Buffer.from(rest)
            return
          }
          const opens = rest.subarray(0, opening.length).equals(opening)
          if (opens) rest = rest.subarray(opening.length)
          state = opens ? 'headers' : 'preamble'
          continue
        }
        if (state === 'headers') {
          const end = endOfHeaders(rest)
          if (end === undefined) {
            held = Buffer.from(rest)
            return
          }
          if (end === 'last') {
            state = 'epilogue'
            return
          }
          yield { type: 'part', ...parsePartHeaders(rest.toString('utf8', 0, end)) }
          rest = rest.subarray(end + blankLine.length)
          state = 'body'
          continue
        }
        const found = rest.indexOf(delimiter)
        const end = found === -1 ? rest.length - mayBegin(rest) : found
        if (state === 'body' && end > 0) yield { type: 'data', bytes: rest.subarray(0, end) }
        if (found === -1) {
          held = Buffer.from(rest.subarray(end))
          return
        }
        if (state === 'body') yield { type: 'end' }
        state = 'headers'
        rest = rest.subarray(found + delimiter.length)
      }
    },
    finish() {
      if (state !== 'epilogue') throw malformed('The multipart body is cut off. Send it again.')
    },
  }

  /** How many of the last bytes may be the beginning of a delimiter. A boundary holds no line break itself. */
  function mayBegin(bytes: Buffer): number {
    const at = bytes.lastIndexOf(carriageReturn)
    if (at === -1 || bytes.length - at >= delimiter.length) return 0
    return delimiter.subarray(0, bytes.length - at).equals(bytes.subarray(at)) ? bytes.length - at : 0
  }
}

/**
 * @param bytes behind a delimiter
 * @returns where the blank line begins that ends the headers; undefined when it has not come yet
 */
function endOfHeaders(bytes: Buffer): number | 'last' | undefined {
  if (bytes.length === 1) return undefined
  if (bytes.toString('latin1', 0, 2) === '--') return 'last'
  const end = bytes.indexOf(blankLine)
  if ((end === -1 ? bytes.length : end) > longestHeaders) {
    throw malformed(`The headers of a part are longer than ${longestHeaders} bytes.`, longestHeaders)
  }
  return end === -1 ? undefined : end
}

function malformed(detail: string, limit?: number): TintypeError {
  return new TintypeError('malformed_multipart', detail, { limit })
}
