import {
  errors,
  idempotencyKey,
  ifNoneMatch,
  json,
  type Operations,
  ref,
  scanning,
  tagged,
} from './operation.ts'

const fileErrors = [...errors.file, 'length_required'] as const
const session = { content: json(ref('UploadSession')), headers: ['Location'] as ['Location'] }

/** Direct uploads: the bytes go straight to the object storage. */
export const uploadOperations: Operations = {
  'POST /uploads': {
    id: 'beginUpload',
    summary: 'Begins a direct upload: signed requests to the object storage, for one PUT or for parts.',
    parameters: [idempotencyKey],
    body: { content: json(ref('UploadRequest')) },
    answers: {
      201: { description: 'Begun.', ...session },
      200: { description: 'What an earlier request with this Idempotency-Key has begun.', ...session },
    },
    errors: [...errors.writes, ...errors.json, ...errors.once, ...fileErrors, 'too_many_fields'],
  },
  'GET /uploads/:id': {
    id: 'getUpload',
    summary: 'What the object storage has so far; or why it was refused; or the finished media.',
    parameters: [ifNoneMatch],
    answers: tagged('Where it stands.', ref('UploadStatus')),
    errors: [...errors.owned, 'not_found', 'storage_unavailable', 'overloaded'],
  },
  'DELETE /uploads/:id': {
    id: 'cancelUpload',
    summary: 'Ends a direct upload, and removes what has arrived of it.',
    answers: { 204: { description: 'Ended.' } },
    errors: [...errors.owned, 'cross_site', 'not_found', 'conflict'],
  },
  'POST /uploads/:id/parts': {
    id: 'signParts',
    summary: 'Signed requests for up to 100 parts.',
    body: { content: json(ref('PartsRequest')) },
    answers: { 200: { description: 'In the order asked for.', content: json(ref('SignedParts')) } },
    errors: [
      ...errors.owned,
      'cross_site',
      ...errors.json,
      'not_found',
      'conflict',
      'upload_refused',
      'storage_unavailable',
    ],
  },
  'POST /uploads/:id/complete': {
    id: 'completeUpload',
    summary: 'Makes a photo or video of what has arrived. It may be asked again.',
    body: { content: json(ref('CompleteRequest')), isOptional: true },
    answers: {
      201: { description: 'Visible.', content: json(ref('Media')), headers: ['Location'] },
      200: { description: 'It was, already.', content: json(ref('Media')), headers: ['Location'] },
      202: scanning,
    },
    errors: [
      ...errors.owned,
      'cross_site',
      ...errors.json,
      ...fileErrors,
      'not_found',
      'not_complete',
      'conflict',
      'upload_refused',
    ],
  },
}
