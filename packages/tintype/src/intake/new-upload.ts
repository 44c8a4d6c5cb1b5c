import type { UploadRow } from '../records/schema.ts'

/** What an upload session has not when it begins, whatever the way in: each way adds what it has. */
export const newUpload = {
  part_bytes: null,
  s3_upload_id: null,
  request_key: null,
  request_hash: null,
  media_id: null,
  refusal: null,
  scanning_until: null,
  form: null,
  form_index: null,
  privacy: null,
  way: null,
} as const satisfies Partial<UploadRow>
