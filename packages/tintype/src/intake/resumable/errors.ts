import type { Readable } from 'node:stream'
import { TintypeError } from '../../errors.ts'
import { clientGone } from '../../memory/client-signal.ts'

/** Another request goes on with the upload: draft-ietf-httpbis-resumable-upload, Concurrency. */
export function takenOver(): TintypeError {
  return new TintypeError('conflict', 'Another request has gone on with this upload.')
}

export function stillWriting(): TintypeError {
  return new TintypeError('upload_locked', 'Another request is still being stored. Ask again in a moment.', {
    retryAfter: 1,
  })
}

/** S3 has ended the upload, or lost what was stored of it. */
export function lostByStorage(): TintypeError {
  return new TintypeError('upload_gone', 'The storage has given this upload up. Begin again.')
}

export function isOver(): TintypeError {
  return new TintypeError('upload_gone', 'The time of this upload is over. Begin again.')
}

export function mismatchingOffset(expected: number, provided: number): TintypeError {
  return new TintypeError(
    'mismatching_offset',
    `The upload goes on at byte ${expected}, but the request begins at ${provided}.`,
    { offsets: { expected, provided } },
  )
}

/** @param offset where the request begins, where that is not its end */
export function completed(length: number, offset = length): TintypeError {
  const offsets = offset === length ? undefined : { expected: length, provided: offset }
  return new TintypeError('completed_upload', 'The upload is complete: nothing can be added to it.', {
    offsets,
  })
}

export function inconsistentLength(detail: string): TintypeError {
  return new TintypeError('inconsistent_length', detail)
}

export function checksumMismatch(detail: string): TintypeError {
  return new TintypeError('checksum_mismatch', detail)
}

/** Pieces that are put together come from the storage, whose errors are its own; else it is the client that has gone. */
export function brokenOff({ errored }: Readable): TintypeError {
  return errored instanceof TintypeError ? errored : clientGone()
}
