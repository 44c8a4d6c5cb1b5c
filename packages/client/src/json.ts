import { answerError } from './errors.ts'
import { parseRetryAfter } from './retry.ts'
import type { Answer } from './transport.ts'

/**
 * The JSON of a 2xx answer that has this member, or `uploads` that are still being scanned; throws an UploadError for any
 * other answer.
 * A page that a proxy shows instead (a sign-in, "be right back") is often 200, too.
 */
export function readAnswer(answer: Answer, member: string): unknown {
  const body = parseJson(answer.text)
  const members: object = Object(body)
  const isOurs = member in members || 'uploads' in members
  if (answer.status < 200 || answer.status >= 300 || !isOurs) throw failure(answer, body)
  return body
}

/** The UploadError that an answer stands for. */
export function failure(answer: Answer, body = parseJson(answer.text)) {
  return answerError(answer.status, body, parseRetryAfter(answer.header('retry-after'), Date.now()))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
