import { errors, ifNoneMatch, type Operations, ref, tagged } from './operation.ts'

export const otherOperations: Operations = {
  'GET /usage': {
    id: 'getUsage',
    summary: 'What the owner has, and may have.',
    parameters: [ifNoneMatch],
    answers: tagged('In bytes and in numbers.', ref('Usage')),
    errors: [...errors.owned, 'hook_failed', 'hook_timeout'],
  },
  'GET /openapi.json': {
    id: 'getOpenApi',
    summary: 'This document.',
    parameters: [ifNoneMatch],
    answers: tagged('OpenAPI 3.1.', { type: 'object', additionalProperties: true }),
    errors: [],
    isPublic: true,
  },
}
