import { TintypeError } from '../../errors.ts'
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
const longestHeaders = 8 * 1024
/** Bytes of ignored text. */
const mostOutside = 64 * 1024
const carriageReturn = 0x0d
const hyphen = 0x2d
const blankLine = Buffer.from('\r\n\r\n')
const nothing: Buffer = Buffer.alloc(0)

/**
 * Splits a `multipart/form-data` body (RFC 7578, RFC 2046 section 5.1) as it comes. Boundaries are searched with
 * `Buffer.indexOf`, and file contents are passed on as views, without a stream for each part.
 *
 * @param boundary as the Content-Type has it, without its quotes
 */
export function createMultipartParser(boundary: string): MultipartParser {
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
  /** Where the line break before it has been read already. */
  const opening = delimiter.subarray(2)
  let state: 'start' | 'preamble' | 'headers' | 'content' | 'body' | 'epilogue' = 'start'
  /** What has come of something that has not come whole: a copy. */
  let held = nothing
  const headers = createHeaderBuffer()
  let outside = 0

  /** Before the first boundary and behind the last one. */
  function ignore(bytes: number): void {
    outside += bytes
    if (outside > mostOutside) {
      throw malformed(`More than ${mostOutside} bytes belong to no part of the form.`, mostOutside)
    }
  }

  return {
    *push(chunk) {
      let rest = held.length > 0 ? Buffer.concat([held, chunk]) : chunk
      held = nothing
      while (rest.length > 0 && state !== 'epilogue') {
        // The line break before a boundary belongs to it. Where there is nothing between them, the one before is it:
        // before the first part, and between the headers of a part without content (RFC 2046 section 5.1.1) and the next.
        if (state === 'start' || state === 'content') {
          const begins = rest.subarray(0, opening.length)
          if (!opening.subarray(0, begins.length).equals(begins)) {
            state = state === 'start' ? 'preamble' : 'body'
            continue
          }
          if (begins.length < opening.length) {
            held = Buffer.from(rest)
            return
          }
          if (state === 'content') yield { type: 'end' }
          rest = rest.subarray(opening.length)
          state = 'headers'
          continue
        }
        if (state === 'headers') {
          const found = headers.take(rest)
          if (found === undefined) return
          if (found === 'last') {
            state = 'epilogue'
            break
          }
          // Parsers differ about what this is, so no sender writes it.
          if (found.bytes.includes(delimiter))
            throw malformed('A boundary stands inside the headers of a part.')
          yield { type: 'part', ...parsePartHeaders(found.bytes.toString('utf8')) }
          rest = found.rest
          state = 'content'
          continue
        }
        const found = rest.indexOf(delimiter)
        const end = found === -1 ? rest.length - mayBegin(rest) : found
        if (state === 'preamble') ignore(end)
        // Nearly all chunks are content as a whole: views of them would be garbage of half a megabyte a second.
        else if (end > 0) yield { type: 'data', bytes: end === rest.length ? rest : rest.subarray(0, end) }
        if (found === -1) {
          if (end < rest.length) held = Buffer.from(rest.subarray(end))
          return
        }
        if (state === 'body') yield { type: 'end' }
        state = 'headers'
        rest = rest.subarray(found + delimiter.length)
      }
      if (state === 'epilogue') ignore(rest.length)
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

/** Gathers what stands between a delimiter and the blank line, however small the pieces are in which it comes. */
function createHeaderBuffer() {
  let bytes = nothing
  let size = 0
  return {
    /**
     * @returns the headers, until the next call, and what follows them; 'last' when no part follows; undefined when more has to come
     * @throws {TintypeError} `malformed_multipart` when they are too long
     */
    take(chunk: Buffer): { bytes: Buffer; rest: Buffer } | 'last' | undefined {
      // They usually come in one piece, which then needs no copy.
      const whole = size === 0 ? wholeHeaders(chunk) : undefined
      if (whole) return whole
      const before = size
      const room = longestHeaders + blankLine.length
      size = Math.min(before + chunk.length, room)
      if (size > bytes.length) {
        const larger = Buffer.allocUnsafe(Math.min(Math.max(2 * size, 1024), room))
        bytes.copy(larger, 0, 0, before)
        bytes = larger
      }
      chunk.copy(bytes, before, 0, size - before)
      const held = bytes.subarray(0, size)
      if (size < 2) return undefined
      if (isLast(held)) return 'last'
      const end = held.indexOf(blankLine, Math.max(0, before - blankLine.length + 1))
      if (end !== -1) {
        size = 0
        return { bytes: held.subarray(0, end), rest: chunk.subarray(end + blankLine.length - before) }
      }
      if (size < room) return undefined
      throw malformed(`The headers of a part are longer than ${longestHeaders} bytes.`, longestHeaders)
    },
  }
}

function wholeHeaders(chunk: Buffer): { bytes: Buffer; rest: Buffer } | 'last' | undefined {
  if (isLast(chunk)) return 'last'
  const end = chunk.subarray(0, longestHeaders + blankLine.length).indexOf(blankLine)
  if (end === -1) return undefined
  return { bytes: chunk.subarray(0, end), rest: chunk.subarray(end + blankLine.length) }
}

/** The boundary behind which no part follows. */
function isLast(bytes: Buffer): boolean {
  return bytes[0] === hyphen && bytes[1] === hyphen
}

function malformed(detail: string, limit?: number): TintypeError {
  return new TintypeError('malformed_multipart', detail, { limit })
}
