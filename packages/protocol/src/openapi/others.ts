import { errors, ifNoneMatch, type Operations, ref, search, tagged, text } from './operation.ts'

export const otherOperations: Operations = {
  'GET /usage': {
    id: 'getUsage',
    summary: 'What the owner has, and may have.',
    parameters: [ifNoneMatch],
    answers: tagged('In bytes and in numbers.', ref('Usage')),
    errors: [...errors.owned, 'hook_failed', 'hook_timeout'],
  },
  'GET /timeline': {
    id: 'getTimeline',
    summary: 'Where every photo and video stands in a page by days.',
    parameters: [ifNoneMatch, ...search],
    answers: tagged('All of them in outline.', ref('Timeline')),
    errors: [...errors.owned, 'invalid_parameter'],
  },
  'GET /events': {
    id: 'listen',
    summary: 'What happens to the owner’s photos and videos, as server-sent events.',
    description:
      '`ready`, `changed` and `restored` bring the media; `removed` brings its `id`; `announced` brings `topic` and `id` of something of the app’s own; after `reset` everything may have changed.',
    parameters: [
      {
        in: 'header',
        name: 'Last-Event-ID',
        description: 'Of the last event that was heard: what was missed is told.',
        schema: text,
      },
    ],
    answers: {
      200: { description: 'It goes on until either ends it.', content: { 'text/event-stream': text } },
    },
    errors: [...errors.owned, 'too_many_requests', 'overloaded'],
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
