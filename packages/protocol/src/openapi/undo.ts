import { errors, ifMatch, ifNoneMatch, json, type Operations, ref, tagged } from './operation.ts'

const back = {
  200: { description: 'As it is now.', content: json(ref('Media')), headers: ['ETag' as const] },
}
const undoErrors = [
  ...errors.writes,
  'not_found',
  'gone',
  'quota_exceeded',
  'hook_failed',
  'hook_timeout',
] as const

/** The way back: what was removed, and what was replaced. */
export const undoOperations: Operations = {
  'POST /media/:id/restore': {
    id: 'restoreMedia',
    summary: 'Brings back what was removed, until the date that was promised.',
    answers: back,
    errors: [...undoErrors, 'refused'],
  },
  'GET /media/:id/versions': {
    id: 'listVersions',
    summary: 'What it was before it was replaced, the latest first.',
    parameters: [ifNoneMatch],
    answers: tagged('Those that can be had again.', ref('MediaVersions')),
    errors: [...errors.owned, ...errors.signed, 'not_found'],
  },
  'POST /media/:id/versions/:name/restore': {
    id: 'restoreVersion',
    summary: 'Makes it what it was: the path has the number of the version.',
    parameters: [ifMatch],
    answers: back,
    errors: [...undoErrors, ...errors.revisions, 'refused'],
  },
}
