import { isId } from '../../ids.ts'
import { lengthOf as wholeLengthOf } from '../../intake/resumable/append-request.ts'
import type { Appended, ResumableState } from '../../intake/resumable/resumable.ts'
import type { ResumableUpload } from '../../records/resumable-records.ts'
import type { Headers } from '../exchange.ts'
import type { Call } from '../routes.ts'

/** Where an upload goes on: absolute where the app's own address is known, since some clients want it so. */
export function uploadUrl({ row }: ResumableUpload, { address }: Pick<Call, 'address'>): string {
  return `${address.origin}${address.router}/files/${row.id}`
}

/**
 * Content-Location names the media that the upload has become, in the answer to its last bytes and to later questions; while
 * the app scans it, the address that tells how that ends.
 */
export function whatCameOf(done: Appended | ResumableState, { address }: Pick<Call, 'address'>): Headers {
  if (done.state === 'scanning')
    return { 'Content-Location': `${address.router}/uploads/${done.upload.row.id}` }
  const id = done.state === 'complete' ? done.media?.media.id : undefined
  return id !== undefined && isId(id) ? { 'Content-Location': `${address.router}/media/${id}` } : {}
}

/** So much has come; of an upload that has ended, all of it. */
export function lengthOf({ upload, state }: Appended | ResumableState): number {
  return state === 'open' ? upload.resumable.received : wholeLengthOf(upload)
}
