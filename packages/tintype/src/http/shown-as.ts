import type { Media } from '@tintype/protocol'
import type { Answer } from './exchange.ts'

const shown = new WeakMap<object, (media: Media) => Media>()

/**
 * Says what this request is answered with in place of a media, whichever route has it: where somebody may act for an owner, and is not to
 * see all that the owner does.
 *
 * @param original the request as its framework has it
 */
export function showAs(original: object, show: (media: Media) => Media): void {
  shown.set(original, show)
}

/** @param answer JSON, or one that holds no media */
export function shownAs(answer: Answer, original: object): Answer {
  const show = shown.get(original)
  const { body, headers } = answer
  if (!show || typeof body !== 'string' || !headers['Content-Type']?.startsWith('application/json'))
    return answer
  return {
    ...answer,
    body: JSON.stringify(JSON.parse(body, (_, value) => (isMedia(value) ? show(value) : value))),
  }
}

function isMedia(value: unknown): value is Media {
  return typeof value === 'object' && value !== null && 'urls' in value && 'sentSha256' in value
}
