import { answerError } from './errors.ts'
import { parseRetryAfter } from './retry.ts'
import type { Answer } from './transport.ts'

/** The answer's JSON where it is 2xx and JSON; else throws the UploadError that it stands for. */
export function readAnswer(answer: Answer): unknown {
  const body = parseJson(answer.text)
  if (answer.status < 200 || answer.status >= 300 || body === null) throw failure(answer, body)
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
