import type { ScanningUploads } from '@tintype/protocol'
import type { UploadRow } from '../records/schema.ts'
import type { Address } from './address.ts'
import { type Answer, jsonAnswer } from './exchange.ts'

/** Seconds after which the outcome is first worth asking for. */
const retryAfter = 2

/** 202 (RFC 9110 section 15.3.3): all has arrived, and the app scans it. `GET /uploads/:id` tells the outcome. */
export function scanningAnswer(uploads: readonly UploadRow[], { router }: Address): Answer {
  const body: ScanningUploads = {
    uploads: uploads.map(({ id, expires_at }) => ({
      id,
      expiresAt: new Date(expires_at).toISOString(),
      state: 'scanning',
    })),
  }
  const [only] = uploads
  return jsonAnswer(body, 202, {
    'Retry-After': String(retryAfter),
    ...(only && uploads.length === 1 ? { Location: `${router}/uploads/${only.id}` } : {}),
  })
}
