import { bytes, errors, json, type Operations, type Parameter, ref, scanning, text } from './operation.ts'

const header = (name: string, description: string): Parameter => ({
  in: 'header',
  name,
  description,
  schema: text,
})

const version = [
  header('Tus-Resumable', '`1.0.0`: the request is one of tus.'),
  header('Upload-Draft-Interop-Version', 'The version of the IETF’s draft that the client speaks, 3 to 8.'),
]
const bytesBegin = [
  header('Upload-Offset', 'Where the bytes begin.'),
  header('Upload-Complete', 'The draft: `?1` if they are the last.'),
  header('Upload-Length', 'Of the whole, in bytes, where it was not known before.'),
  header('Upload-Checksum', 'tus: of these bytes.'),
  header('Content-Digest', 'The draft: of these bytes (RFC 9530).'),
]
const body = {
  content: { 'application/offset+octet-stream': bytes, 'application/partial-upload': bytes },
  isOptional: true,
}
const received = [
  ...errors.file,
  'inconsistent_length',
  'checksum_mismatch',
  'unsupported_version',
  'unsupported_body',
  'too_slow',
  'overloaded',
  'upload_refused',
  'upload_gone',
  'upload_locked',
  'conflict',
] as const
const made = { content: json(ref('UploadedMedia')) }
const appended = {
  201: { description: 'The draft: these were the last bytes, and it is visible.', ...made },
  202: scanning,
  204: { description: 'They are stored. After the last of them, `Content-Location` names what was made.' },
}
const ofUpload = [...errors.owned, 'cross_site', 'not_found', 'unsupported_version'] as const

/** Uploads that go on where they were interrupted: tus 1.0, and the IETF’s draft. */
export const resumableOperations: Operations = {
  'POST /files': {
    id: 'beginResumable',
    summary: 'Begins an upload that can be interrupted, with the first of its bytes or all of them.',
    description: 'By tus 1.0 or by draft-ietf-httpbis-resumable-upload, which their headers tell apart.',
    parameters: [
      ...version,
      ...bytesBegin.slice(1),
      header('Upload-Defer-Length', 'tus: `1` where the length is not known yet.'),
      header('Upload-Metadata', 'tus: `filename`, `filetype`, `caption` and others, each in base64.'),
      header('Upload-Concat', 'tus: `partial`, or `final;` and the pieces.'),
      header('Content-Disposition', 'The draft: the name of the file (RFC 6266).'),
      header('Repr-Digest', 'The draft: of the whole (RFC 9530).'),
    ],
    body,
    answers: {
      201: {
        description: 'Begun: `Location` is where it goes on. With all bytes, by the draft: visible.',
        ...made,
        headers: ['Location'],
      },
      202: scanning,
    },
    errors: [...errors.writes, ...received, 'too_many_fields', 'mismatching_offset'],
  },
  'GET /files/:id': {
    id: 'getResumable',
    summary: 'How far it is: ask with HEAD.',
    parameters: version,
    answers: { 200: { description: 'By tus.' }, 204: { description: 'By the draft.' } },
    errors: [...ofUpload, ...received],
  },
  'PATCH /files/:id': {
    id: 'appendResumable',
    summary: 'Adds bytes.',
    parameters: [...version, ...bytesBegin],
    body,
    answers: appended,
    errors: [...ofUpload, ...received, 'mismatching_offset', 'completed_upload'],
  },
  'POST /files/:id': {
    id: 'overrideResumable',
    summary: 'What X-HTTP-Method-Override names, for clients that can send nothing but GET and POST.',
    parameters: [header('X-HTTP-Method-Override', '`HEAD`, `PATCH` or `DELETE`.'), ...version, ...bytesBegin],
    body,
    answers: { 200: { description: 'To HEAD.' }, ...appended },
    errors: [...ofUpload, ...received, 'mismatching_offset', 'completed_upload', 'method_not_allowed'],
  },
  'DELETE /files/:id': {
    id: 'cancelResumable',
    summary: 'Ends it, and removes what has come.',
    parameters: version,
    answers: { 204: { description: 'Ended.' } },
    errors: [...ofUpload, 'conflict', 'upload_gone', 'upload_locked'],
  },
}
