import { randomId } from '../ids.ts'

/** Everything of Tintype's lives below this prefix, so that a bucket can be shared with other software. */
export const keyPrefix = 'media/'

/**
 * A fresh key: `media/<128 random bits>/<variant>.<ext>`. Keys are never reused and never hold anything that
 * a client sent. The random part comes first, so load spreads over S3's partitions.
 *
 * @example makeKey('original', 'jpg') // 'media/nEc1…/original.jpg'
 */
export function makeKey(variant: string, ext: string): string {
  return `${keyPrefix}${randomId()}/${variant}.${ext}`
}
