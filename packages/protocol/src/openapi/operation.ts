import type { ErrorCode } from '../errors.ts'
import type { schemas } from './schemas.ts'

/** A JSON Schema (2020-12). */
export type Schema = Readonly<Record<string, unknown>>

/** The schema of a wire type, by its name. */
export function ref(type: keyof typeof schemas): Schema {
  return { $ref: `#/components/schemas/${type}` }
}

export const text: Schema = { type: 'string' }
/** Bytes, as they are. */
export const bytes: Schema = { type: 'string', format: 'binary' }

export interface Parameter {
  in: 'query' | 'header'
  name: string
  description: string
  schema: Schema
}

/** What a status brings. */
export interface Answer {
  description: string
  /** By media type. Without one there is no body. */
  content?: Record<string, Schema>
  /** Headers that it always has, beside those of every answer. */
  headers?: ('Location' | 'ETag' | 'Retry-After')[]
}

/** One method of one route: what `GET /openapi.json` says of it. */
export interface Operation {
  /** `operationId`: generated clients call their function so. */
  id: string
  /** A sentence. */
  summary: string
  /** More of it, in Markdown. */
  description?: string
  parameters?: Parameter[]
  body?: { content: Record<string, Schema>; isOptional?: boolean }
  /** By status: all but the errors. */
  answers: Record<number, Answer>
  /** Rows of the error table, beside {@link errors.everywhere}. */
  errors: readonly ErrorCode[]
  /** Whether anybody may ask. @default false */
  isPublic?: boolean
}

/** By method and path below the mount, as `GET /media/:id`. */
export type Operations = Readonly<Record<string, Operation>>

/** Codes of the error table that come together. */
export const errors = {
  everywhere: ['malformed_request', 'host_not_allowed', 'internal', 'database_unavailable', 'shutting_down'],
  owned: ['unauthenticated'],
  writes: ['unauthenticated', 'cross_site', 'too_many_requests'],
  json: ['unsupported_body', 'malformed_json', 'invalid_parameter', 'too_large', 'too_slow', 'overloaded'],
  once: ['idempotency_in_flight', 'idempotency_mismatch', 'invalid_parameter', 'conflict'],
  /** Of an answer with signed URLs: the key that signs may have to be asked for. */
  signed: ['storage_unavailable'],
  revisions: ['precondition_failed'],
  /** What the body of a request may have that brings files. */
  body: [
    'malformed_multipart',
    'unsupported_body',
    'no_file',
    'too_many_files',
    'too_many_fields',
    'unexpected_field',
    'length_required',
    'too_slow',
    'overloaded',
  ],
  /** What a file may have, and what the app may say of it. */
  file: [
    'empty_file',
    'invalid_name',
    'invalid_parameter',
    'too_large',
    'unsupported_type',
    'not_decodable',
    'too_many_pixels',
    'too_many_frames',
    'unsupported_codec',
    'no_video_track',
    'quota_exceeded',
    'refused',
    'hook_failed',
    'hook_timeout',
    'scan_interrupted',
    'storage_unavailable',
  ],
} as const satisfies Record<string, readonly ErrorCode[]>

export const idempotencyKey: Parameter = {
  in: 'header',
  name: 'Idempotency-Key',
  description: 'Makes it safe to send the request again: it is answered with what the first one made.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
}

export const ifMatch: Parameter = {
  in: 'header',
  name: 'If-Match',
  description: 'The `revision` that is to be changed, as `"3"`, or the ETag that came with it.',
  schema: text,
}

export const ifNoneMatch: Parameter = {
  in: 'header',
  name: 'If-None-Match',
  description: 'The ETag of the answer that is there already: 304 if it is still the same.',
  schema: text,
}

/** By words, and in which zone the days among them are. */
export const search: Parameter[] = [
  {
    in: 'query',
    name: 'q',
    description:
      'Words, each of which stands in the name or in the caption. `2026`, `2026-09`, `september 2026`, `2026-09-14` and the like find what was taken then, too: months are named in a language of Accept-Language or in English.',
    schema: { type: 'string', maxLength: 200 },
  },
  {
    in: 'query',
    name: 'zone',
    description: 'In which those have their day whose place on earth is not known, e.g. `Europe/Berlin`.',
    schema: { type: 'string', default: 'UTC' },
  },
]

export const json = (schema: Schema): Record<string, Schema> => ({ 'application/json': schema })

/** Answers of what is read with an ETag. */
export function tagged(description: string, schema: Schema): Record<number, Answer> {
  return {
    200: { description, content: json(schema), headers: ['ETag'] },
    304: { description: 'It is what If-None-Match names.', headers: ['ETag'] },
  }
}

export const scanning: Answer = {
  description: 'All has arrived, and the app scans it: `GET /uploads/:id` tells the outcome.',
  content: json(ref('ScanningUploads')),
  headers: ['Retry-After'],
}
