import { S3Error } from '../errors.ts'

/** From `start` up to but without `end`. */
export interface ByteRange {
  start: number
  end: number
}

/**
 * The bytes that a Range header asks for; undefined for all of them. What is not one range of bytes
 * is ignored, as RFC 9110 section 14.2 allows and S3 does.
 *
 *     readRange('bytes=-2', 10) // { start: 8, end: 10 }
 *
 * @throws S3Error InvalidRange when the range begins behind the end
 */
export function readRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.replaceAll(' ', '') ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first === '') {
    if (Number(last) > 0 && size > 0) return { start: Math.max(0, size - Number(last)), end: size }
    throw unsatisfiable(header, size)
  }
  if (last !== '' && Number(last) < Number(first)) return undefined
  if (Number(first) >= size) throw unsatisfiable(header, size)
  return { start: Number(first), end: last === '' ? size : Math.min(Number(last) + 1, size) }
}

function unsatisfiable(header: string | undefined, size: number): S3Error {
  return new S3Error('InvalidRange', undefined, {
    details: { RangeRequested: header ?? '', ActualObjectSize: size },
  })
}
