import { bytes, errors, type Operations, type Parameter, text } from './operation.ts'

const id = (name: string, description: string): Parameter => ({
  in: 'query',
  name,
  description,
  schema: text,
})
const header = (name: string, description: string): Parameter => ({
  in: 'header',
  name,
  description,
  schema: text,
})
const size = header('Upload-Length', 'Of the whole file, in bytes.')

/** FilePond’s own server protocol: all of it at one address. */
export const filePondOperations: Operations = {
  'POST /filepond': {
    id: 'processFilePond',
    summary: 'Stores the file of a form; with Upload-Length begins one that comes in chunks.',
    parameters: [size],
    body: {
      content: {
        'multipart/form-data': {
          type: 'object',
          properties: { filepond: bytes },
          additionalProperties: true,
        },
      },
    },
    answers: {
      201: { description: 'The id of what was made, or is going to be.', content: { 'text/plain': text } },
    },
    errors: [...errors.writes, ...errors.body, ...errors.file, ...errors.once],
  },
  'PATCH /filepond': {
    id: 'appendFilePond',
    summary: 'Adds a chunk.',
    parameters: [
      id('patch', 'The id that was answered when it began.'),
      header('Upload-Offset', 'Where the chunk begins.'),
      size,
      header('Upload-Name', 'Of the file.'),
    ],
    body: { content: { 'application/offset+octet-stream': bytes }, isOptional: true },
    answers: { 204: { description: 'It is stored. After the last one there is a media of the same id.' } },
    errors: [
      ...errors.owned,
      'cross_site',
      'not_found',
      ...errors.file,
      'unsupported_body',
      'too_slow',
      'overloaded',
      'inconsistent_length',
      'mismatching_offset',
      'upload_refused',
      'upload_gone',
      'upload_locked',
      'conflict',
    ],
  },
  'GET /filepond': {
    id: 'loadFilePond',
    summary: 'The file, by a signed URL; HEAD with `patch` tells how far it is.',
    parameters: [
      id('load', 'The id of a media.'),
      id('restore', 'The same.'),
      id('patch', 'The id that was answered when it began.'),
    ],
    answers: {
      200: { description: 'How far it is, in Upload-Offset.' },
      302: { description: 'To the file.', headers: ['Location'] },
    },
    errors: [
      ...errors.owned,
      ...errors.signed,
      'invalid_parameter',
      'not_found',
      ...errors.file,
      'upload_gone',
      'upload_refused',
      'upload_locked',
      'conflict',
      'overloaded',
    ],
  },
  'DELETE /filepond': {
    id: 'revertFilePond',
    summary: 'Ends what has not come whole, or removes the media.',
    body: { content: { 'text/plain': text } },
    answers: { 204: { description: 'Done.' } },
    errors: [
      ...errors.writes,
      'not_found',
      'held',
      'too_large',
      'too_slow',
      'upload_gone',
      'upload_locked',
      'conflict',
      'storage_unavailable',
    ],
  },
}
