import type { KnownType } from '@tintype/protocol'
import type { Bucket } from '../bucket/bucket.ts'
import { TintypeError } from '../errors.ts'
import { type Posters, posterSpec } from '../intake/poster.ts'
import type { MediaRow } from '../records/schema.ts'
import type { Picture } from '../variants/check-answer.ts'

export { posterSpec }

/**
 * The poster of a video that is in the bucket, and what else is made at once: of those that came before there were posters,
 * or before a decoder was installed. Reads the index and a few key frames by ranges.
 *
 * @throws {TintypeError} `not_decodable` where none can be had; the signal's reason
 */
export type MakePoster = (
  video: MediaRow,
  options: { signal: AbortSignal; timeLeft(): number; isBackground: boolean },
) => Promise<Picture[]>

export function createMakePoster({
  bucket,
  posters,
}: {
  bucket: Pick<Bucket, 'read'>
  posters: Pick<Posters, 'of'>
}): MakePoster {
  return async (
    { key, bytes: size, type, width, height, duration, owner },
    { signal, timeLeft, isBackground },
  ) => {
    const source = {
      size,
      read: (start: number, end: number) => bucket.read(key, { range: { start, end }, signal }),
    }
    const found = {
      ...{ ok: true as const, kind: 'video' as const, type: type as KnownType, ext: '', frames: 1 },
      ...{ width, height, duration: duration ?? 0 },
    }
    const sender = { owner: isBackground ? '' : owner, signal, timeLeft }
    const { pictures } = await posters.of(source, found, sender)
    if (pictures.length > 0) return pictures
    throw new TintypeError(
      'not_decodable',
      'No picture of this video could be decoded here: it stays without a poster.',
    )
  }
}
