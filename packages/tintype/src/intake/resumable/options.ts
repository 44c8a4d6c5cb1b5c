import type { Records } from '../../records/records.ts'
import type { DirectOptions } from '../direct/options.ts'

export interface ResumableOptions extends Omit<DirectOptions, 'requireChecksum' | 'signWrite'> {
  records: Records
  /** Milliseconds without a byte of a body. */
  stallTimeout: number
}

const mebibyte = 1024 * 1024
/** S3's smallest, so that as few bytes as can be wait outside of a part. All are equally large: some services ask for that. */
const smallestPart = 5 * mebibyte
/** S3 takes 10,000; some numbers are passed over when an upload goes on elsewhere. */
const mostParts = 9000

/** Of an upload of at most this many bytes. */
export function partBytesFor(bytes: number): number {
  return Math.max(smallestPart, Math.ceil(bytes / mostParts / mebibyte) * mebibyte)
}
