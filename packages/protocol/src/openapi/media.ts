import { imageFormats, largestImageWidth } from '../images.ts'
import { maxCaptionLength } from '../routes.ts'
import {
  bytes,
  errors,
  idempotencyKey,
  ifMatch,
  ifNoneMatch,
  json,
  type Operations,
  ref,
  type Schema,
  scanning,
  search,
  tagged,
  text,
} from './operation.ts'

const caption: Schema = { type: 'string', maxLength: maxCaptionLength }
/** Ways to send files: a form, or one file as the body itself. */
const files = (file: Schema): Record<string, Schema> => ({
  'multipart/form-data': { type: 'object', properties: { file, caption }, required: ['file'] },
  'image/*': bytes,
  'video/*': bytes,
})
const aboutBody = (name: string, description: string) =>
  ({ in: 'query', name, description, schema: text }) as const
const ofBody = [
  {
    in: 'header',
    name: 'Content-Disposition',
    description: 'Of a file that is the body: its name (RFC 6266).',
    schema: text,
  },
  aboutBody('name', 'Of a file that is the body: its name, where no header says it.'),
  aboutBody('caption', 'Of a file that is the body: its caption.'),
] as const

const flag = (name: string, description: string) =>
  ({ in: 'query', name, description, schema: { enum: ['0', '1', 'false', 'true'] } }) as const

const made = { content: json(ref('UploadedMedia')) }
const uploadErrors = [...errors.writes, ...errors.once, ...errors.body, ...errors.file]

/** Photos and videos: to send, list, look at, change, remove. */
export const mediaOperations: Operations = {
  'GET /media': {
    id: 'listMedia',
    summary: 'Lists photos and videos, newest first.',
    parameters: [
      {
        in: 'query',
        name: 'limit',
        description: 'How many.',
        schema: { type: 'integer', minimum: 1, maximum: 1000, default: 50 },
      },
      { in: 'query', name: 'cursor', description: '`next` of the page before.', schema: text },
      { in: 'query', name: 'kind', description: 'Photos or videos alone.', schema: ref('MediaKind') },
      {
        in: 'query',
        name: 'sha256',
        description: 'Only what was sent with one of these SHA-256, with commas between: at most 100.',
        schema: text,
      },
      ...search,
      {
        in: 'query',
        name: 'order',
        description: 'By the time of their creation; `taken` and `taken-oldest` by when they were taken.',
        schema: { enum: ['newest', 'oldest', 'taken', 'taken-oldest'], default: 'newest' },
      },
      flag('removed', 'What was removed and can be had again, instead: the last removed first.'),
      ifNoneMatch,
    ],
    answers: tagged('A page of them.', { anyOf: [ref('MediaPage'), ref('RemovedPage')] }),
    errors: [...errors.owned, ...errors.signed, 'invalid_parameter'],
  },
  'POST /media': {
    id: 'uploadMedia',
    summary: 'Stores one to ten files of a form, all or nothing, or the one file that is the body.',
    description:
      'A browser form without JavaScript (`Accept: text/html`) is sent back to its page. A file too large for this way goes by `POST /uploads`.',
    parameters: [idempotencyKey, ...ofBody],
    body: { content: files({ type: 'array', items: bytes, minItems: 1 }) },
    answers: {
      201: { description: 'Stored and visible. One alone has its address in `Location`.', ...made },
      200: { description: 'What an earlier request with this Idempotency-Key has made.', ...made },
      202: scanning,
      303: { description: 'To a form without JavaScript.', headers: ['Location'] },
    },
    errors: uploadErrors,
  },
  'POST /media/delete': {
    id: 'deleteMany',
    summary: 'Removes up to 100 photos and videos, with an answer for each.',
    body: {
      content: json({
        type: 'object',
        properties: { ids: { type: 'array', items: text, maxItems: 100 }, final: { type: 'boolean' } },
        required: ['ids'],
      }),
    },
    answers: {
      200: {
        description:
          'What came of each, in their order: 200, 204 or 202 as of `DELETE /media/:id`, or problem details.',
        content: json({
          type: 'object',
          properties: {
            results: {
              type: 'array',
              items: {
                type: 'object',
                properties: { id: text, status: { type: 'integer' } },
                required: ['id', 'status'],
                additionalProperties: true,
              },
            },
          },
          required: ['results'],
        }),
      },
    },
    errors: [...errors.writes, ...errors.json],
  },
  'GET /media/:id': {
    id: 'getMedia',
    summary: 'A photo or video, with fresh signed URLs.',
    parameters: [ifNoneMatch],
    answers: tagged('What it is.', ref('Media')),
    errors: [...errors.owned, ...errors.signed, 'not_found', 'hook_failed', 'hook_timeout'],
  },
  'PATCH /media/:id': {
    id: 'changeMedia',
    summary: 'Changes its caption, alternative text or data; what is left out stays.',
    description: 'What else a media has may be sent along, and is passed over.',
    parameters: [ifMatch],
    body: {
      content: json({
        type: 'object',
        properties: {
          caption: { type: ['string', 'null'], maxLength: maxCaptionLength },
          alt: { type: ['string', 'null'] },
          data: {},
        },
      }),
    },
    answers: { 200: { description: 'As it is now.', content: json(ref('Media')), headers: ['ETag'] } },
    errors: [...errors.writes, ...errors.signed, ...errors.json, ...errors.revisions, 'not_found'],
  },
  'PUT /media/:id': {
    id: 'replaceMedia',
    summary: 'Other bytes for the same id.',
    description:
      'Where the path ends in a file’s name in the place of the id, as `curl -T beach.jpg …/media/` writes it, it is a new photo or video as by `POST /media`.',
    parameters: [ifMatch, idempotencyKey, ...ofBody],
    body: { content: files(bytes) },
    answers: {
      200: {
        description: 'As it is now; of a name, what an earlier request has made.',
        content: json({ anyOf: [ref('Media'), ref('UploadedMedia')] }),
      },
      201: { description: 'Of a name: stored and visible.', ...made },
      202: scanning,
    },
    errors: [...uploadErrors, ...errors.revisions, 'not_found'],
  },
  'DELETE /media/:id': {
    id: 'deleteMedia',
    summary: 'Removes it, with all that was made of it.',
    parameters: [ifMatch, flag('final', 'For good, although it could be had again for a while.')],
    answers: {
      200: { description: 'Gone from every list, and can be had again.', content: json(ref('Removed')) },
      204: { description: 'Gone from the object storage.' },
      202: { description: 'Gone from every list; the object storage can’t be reached now, and follows.' },
    },
    errors: [
      ...errors.writes,
      ...errors.revisions,
      'invalid_parameter',
      'not_found',
      'held',
      'hook_failed',
      'hook_timeout',
    ],
  },
  'GET /media/:id/:name': {
    id: 'viewVariant',
    summary: 'Leads to the signed URL of the `original` or a variant: for `<img src>`.',
    parameters: [
      { in: 'query', name: 'download', description: 'One that browsers save.', schema: { type: 'string' } },
    ],
    answers: { 302: { description: 'It is there.', headers: ['Location'] } },
    errors: [
      ...errors.owned,
      'not_found',
      'overloaded',
      'storage_unavailable',
      'hook_failed',
      'hook_timeout',
    ],
  },
  'GET /media/:id/poster': {
    id: 'viewPoster',
    summary: 'Leads to the signed URL of a video’s poster, as of any variant.',
    answers: { 302: { description: 'It is there.', headers: ['Location'] } },
    errors: [
      ...errors.owned,
      'not_found',
      'overloaded',
      'storage_unavailable',
      'hook_failed',
      'hook_timeout',
    ],
  },
  'PUT /media/:id/poster': {
    id: 'sendPoster',
    summary: 'A frame of a video that has no poster, from a browser that can show it.',
    description:
      'The body is a JPEG, PNG or WebP of up to 8 MB. It is inspected like any picture and made anew. A poster that is there already stays.',
    body: { content: { 'image/*': bytes } },
    answers: { 200: { description: 'The video as it is now.', content: json(ref('Media')) } },
    errors: [
      ...errors.owned,
      'not_found',
      'conflict',
      'unsupported_body',
      'invalid_parameter',
      'too_large',
      'too_slow',
      'empty_file',
      'unsupported_type',
      'not_decodable',
      'too_many_pixels',
      'too_many_frames',
      'overloaded',
      'storage_unavailable',
    ],
  },
  'GET /media/:id/image': {
    id: 'viewImage',
    summary: 'Leads to the picture in the width that it is needed in, made on demand.',
    parameters: [
      {
        in: 'query',
        name: 'w',
        description: 'Pixels: the next width that is made is given.',
        schema: { type: 'integer', minimum: 1, maximum: largestImageWidth },
      },
      {
        in: 'query',
        name: 'format',
        description: 'Left out, it is what `Accept` names.',
        schema: ref('ImageFormat'),
      },
    ],
    answers: { 302: { description: `As ${imageFormats.join(', ')}.`, headers: ['Location'] } },
    errors: [
      ...errors.owned,
      'invalid_parameter',
      'not_found',
      'not_decodable',
      'too_many_pixels',
      'too_many_frames',
      'overloaded',
      'storage_unavailable',
      'hook_failed',
      'hook_timeout',
    ],
  },
}
