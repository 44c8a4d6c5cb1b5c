import type { Media } from '@tintype/protocol'
import type { TintypeError } from '../errors.ts'
import type { Answer } from './exchange.ts'

/** What somebody is told who acts for an owner, and is not to see all that the owner does. */
export interface Shown {
  /** In place of a media. */
  media(media: Media): Media
  /** In place of a refusal. */
  refusal(error: TintypeError): TintypeError
}

const shown = new WeakMap<object, Shown>()

/**
 * Says what this request is answered with, whichever route answers it.
 * @param original the request as its framework has it
 */
export function showAs(original: object, as: Shown): void {
  shown.set(original, as)
}

/** @param answer JSON, or one that holds no media */
export function shownAs(answer: Answer, original: object): Answer {
  const as = shown.get(original)
  const { body, headers } = answer
  if (!as || typeof body !== 'string' || !headers['Content-Type']?.startsWith('application/json'))
    return answer
  const text = JSON.stringify(JSON.parse(body, (_, value) => (isMedia(value) ? as.media(value) : value)))
  return { ...answer, body: text }
}

export function refusedAs(error: TintypeError, original: object): TintypeError {
  return shown.get(original)?.refusal(error) ?? error
}

function isMedia(value: unknown): value is Media {
  return typeof value === 'object' && value !== null && 'urls' in value && 'sentSha256' in value
}
