import { randomId } from '../../packages/tintype/src/ids.ts'
import type { UploadRow } from '../../packages/tintype/src/records/schema.ts'

/** A direct upload as it is when it has just begun. */
export function uploadRow(
  more: Pick<UploadRow, 'key' | 'due_at' | 'expires_at'> & Partial<UploadRow>,
): UploadRow {
  return {
    id: randomId(),
    owner: 'o',
    name: 'a.jpg',
    type: 'image/jpeg',
    bytes: 1,
    sha256: null,
    caption: null,
    part_bytes: null,
    s3_upload_id: null,
    request_key: null,
    request_hash: null,
    media_id: null,
    refusal: null,
    scanning_until: null,
    form: null,
    form_index: null,
    fields: null,
    privacy: null,
    way: null,
    created_at: 1,
    ...more,
  }
}
