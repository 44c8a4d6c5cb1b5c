import { randomId } from '../../packages/tintype/src/ids.ts'
import { newUpload } from '../../packages/tintype/src/intake/new-upload.ts'
import type { UploadRow } from '../../packages/tintype/src/records/schema.ts'

/** A direct upload as it is when it has just begun. */
export function uploadRow(
  more: Pick<UploadRow, 'key' | 'due_at' | 'expires_at'> & Partial<UploadRow>,
): UploadRow {
  return {
    ...newUpload,
    id: randomId(),
    owner: 'o',
    name: 'a.jpg',
    type: 'image/jpeg',
    bytes: 1,
    sha256: null,
    caption: null,
    fields: null,
    created_at: 1,
    ...more,
  }
}
