import type { Media } from '@tintype/protocol'
import type { TintypeError } from '../errors.ts'
import type { Answer } from './exchange.ts'

/** What somebody is told who acts for an owner, and is not to see all that the owner does. */
export interface Shown {
  /** In place of a media. @throws {TintypeError} where they are not to see it any more: that is the answer, then */
  media(media: Media): Promise<Media>
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

/**
 * @param answer JSON, or one that holds no media
 * @throws {TintypeError} as {@link Shown} does
 */
export async function shownAs(answer: Answer, original: object): Promise<Answer> {
  const as = shown.get(original)
  const { body, headers } = answer
  if (!as || typeof body !== 'string' || !headers['Content-Type']?.startsWith('application/json'))
    return answer
  const all: Media[] = []
  const content = JSON.parse(body, (_, value) => {
    if (isMedia(value)) all.push(value)
    return value
  })
  const pairs = await Promise.all(all.map(async (media) => [media, await as.media(media)] as const))
  const instead = new Map<unknown, Media>(pairs)
  return { ...answer, body: JSON.stringify(content, (_, value) => instead.get(value) ?? value) }
}

export function refusedAs(error: TintypeError, original: object): TintypeError {
  return shown.get(original)?.refusal(error) ?? error
}

function isMedia(value: unknown): value is Media {
  return typeof value === 'object' && value !== null && 'urls' in value && 'sentSha256' in value
}
