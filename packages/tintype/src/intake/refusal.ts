/** What a row of the upload table says of its end, or of the scan under way. */
import type { ErrorCode } from '@tintype/protocol'
import { TintypeError } from '../errors.ts'
import type { UploadRow } from '../records/schema.ts'

/** How a refusal is kept: the members of problem details that are not the request's. */
export function toRefusal({ code, status, message, limit, file }: TintypeError): string {
  return JSON.stringify({ code, status, detail: message, limit, file })
}

export function toError(refusal: string): TintypeError {
  const { code, status, detail, limit, file } = JSON.parse(refusal) as {
    code: ErrorCode
    /** Those of older versions have that of their code. */
    status?: number
    detail: string
    limit?: number
    file?: { index: number; name?: string }
  }
  return new TintypeError(code, detail, { status, limit, file })
}

/** Whether a process, this one or another, scans it now. */
export function isScanning(
  { media_id, refusal, scanning_until }: Pick<UploadRow, 'media_id' | 'refusal' | 'scanning_until'>,
  now: number,
): boolean {
  return media_id === null && refusal === null && scanning_until !== null && scanning_until > now
}

/** It has not ended, and is not being scanned either. */
export function isOpen(
  row: Pick<UploadRow, 'media_id' | 'refusal' | 'scanning_until'>,
  now: number,
): boolean {
  return row.media_id === null && row.refusal === null && !isScanning(row, now)
}

/** The process that scanned it has died, or lost the database for too long. */
export function interrupted(): TintypeError {
  return new TintypeError(
    'scan_interrupted',
    'The server stopped while this upload was being checked. Send it again.',
  )
}
